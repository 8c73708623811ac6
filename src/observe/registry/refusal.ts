import * as z from 'zod'
import type { Refusal } from '../../facts/image.ts'
import { bareMediaType } from '../../oci/media-types.ts'
import { readBody } from '../http/body.ts'
import type { Response } from '../http/response.ts'

/**
 * Texts are kept whole up to this: they are shortened when they are shown, after secrets were taken out, because half a secret is one
 * that no mask finds.
 * Error bodies are read no further (distribution-spec sets no limit; the big clients use 64 KiB).
 */
export const textCap = 64 * 1024

const text = z.string().catch('')
const errors = z.object({ errors: z.array(z.object({ code: text, message: text })).min(1) })

/** A registry's error answer, read: its first code and message, and whether it was a page for people. */
export interface ErrorAnswer extends Refusal {
  html: boolean
}

/** Reads the error body (distribution-spec, "Error Codes"); any other body gives its first words as message. */
export async function readRefusal(response: Response): Promise<ErrorAnswer> {
  const { bytes } = await readBody(response, textCap)
  const content = bytes.toString('utf8')
  const html =
    bareMediaType(response.header('content-type') ?? '') === 'text/html' ||
    /^\s*<(?:!doctype\s+html|html|head|body)/i.test(content)
  const known = parseErrors(content)
  const [first] = known?.errors ?? []
  if (first) return { status: response.status, code: first.code, message: first.message, html: false }
  return { status: response.status, code: '', message: html ? pageTitle(content) : firstWords(content), html }
}

/** What an HTML page calls itself, or its first words. */
export function pageTitle(content: string): string {
  const title = /<title[^>]*>([^<]*)/i.exec(content)?.[1]
  return (title ?? firstWords(content)).trim()
}

function parseErrors(content: string): z.infer<typeof errors> | undefined {
  try {
    return errors.safeParse(JSON.parse(content)).data
  } catch {
    return undefined
  }
}

const firstWords = (content: string): string => content.trim()
