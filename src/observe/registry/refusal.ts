import * as z from 'zod'
import type { Refusal } from '../../facts/image.ts'
import { bareMediaType } from '../../oci/media-types.ts'
import { readBody } from '../http/body.ts'
import type { Response } from '../http/response.ts'

/**
 * How much of an error body is read and kept (distribution-spec sets no limit; the big clients use 64 KiB). Outputs shorten texts
 * only after secrets were removed, because no mask finds half a secret.
 */
export const maxErrorBytes = 64 * 1024

const text = z.string().catch('')
const errors = z.object({ errors: z.array(z.object({ code: text, message: text })).min(1) })

/** A parsed error response: its status, its first code and message, and whether its body is an HTML page. */
export interface ErrorResponse extends Refusal {
  html: boolean
}

/** Reads an error body (distribution-spec, "Error Codes"). Of a page, `message` is the title; of any other body, its whole text. */
export async function readRefusal(response: Response): Promise<ErrorResponse> {
  const { bytes } = await readBody(response, maxErrorBytes)
  const content = bytes.toString('utf8')
  const html = isHtml(bareMediaType(response.header('content-type') ?? ''), content)
  const known = parseErrors(content)
  const [first] = known?.errors ?? []
  if (first) return { status: response.status, code: first.code, message: first.message, html: false }
  return { status: response.status, code: '', message: html ? pageTitle(content) : content.trim(), html }
}

/** True for an HTML page, by its media type or, where a server states another one, by its first element. */
export const isHtml = (mediaType: string, content: string): boolean =>
  mediaType === 'text/html' || /^\s*<(?:!doctype\s+html|html|head|body)/i.test(content)

/** The title of an HTML page, or its whole text if it has none. */
export function pageTitle(content: string): string {
  const title = /<title[^>]*>([^<]*)/i.exec(content)?.[1]
  return (title ?? content).trim()
}

function parseErrors(content: string): z.infer<typeof errors> | undefined {
  try {
    return errors.safeParse(JSON.parse(content)).data
  } catch {
    return undefined
  }
}

/**
 * Whether a 404 is the answer of a registry: one sends an error code, or names itself in a header, as distribution does in each answer,
 * also to HEAD. A router or proxy that knows no way to the registry answers 404, too, with a text, a page or nothing at all: that says
 * nothing of what was asked for.
 */
export const isOfRegistry = ({ header }: Pick<Response, 'header'>, code: string): boolean =>
  code !== '' || header('docker-distribution-api-version') !== undefined
