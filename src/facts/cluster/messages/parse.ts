import * as z from 'zod'
import { parseReference } from '../../../oci/reference.ts'
import { type PullKind, type PullLeg, pullKindNames, pullLegs, pullPhases } from '../pull-kinds.ts'
import { evidenceText } from './redact.ts'
import { messageShapes } from './shapes.ts'
import { unwrap } from './unwrap.ts'

/** What a message says of a failed pull, as fields. Texts are for evidence only. */
export const pullErrorSchema = z.object({
  kind: z.enum(pullKindNames),
  leg: z.enum(pullLegs),
  phase: z.enum(pullPhases),
  /** The host of the request that failed; that of the image where the message names none. */
  host: z.string(),
  status: z.number().exactOptional(),
  /** The address that was dialled. */
  address: z.string().exactOptional(),
  port: z.number().exactOptional(),
  /** The DNS server that was asked. */
  resolver: z.string().exactOptional(),
})
export type PullError = z.infer<typeof pullErrorSchema>

export interface ParsedPull {
  error: PullError
  image: string
  /** The message, safe to print. */
  text: string
}

/** Reads an error of a pull. `image` is what the pod names; without it, what the message names. */
export function parsePull(message: string, image?: string): ParsedPull {
  const { text, image: named } = unwrap(message)
  const of = image ?? named ?? ''
  const url = lastUrl(text)
  const row = messageShapes.find(({ shape }) => shape.test(text))
  const dial = dialled(text)
  const status = statusIn(text)
  const resolver = /\blookup \S+ on (\[[^\]]+\]|[^\s:]+):\d+/.exec(text)?.[1]
  const looked = /\blookup ([^\s:]+)(?: on \S+)?: /.exec(text)?.[1]
  const host = (row?.phase === 'dns' ? looked : undefined) ?? url?.host ?? hostOf(of)
  const leg = row?.leg ?? legOf(text, of, url)
  const kind = kindOf(row?.kind ?? 'unclassified', leg, status)
  return {
    error: {
      ...{ kind, leg, phase: row?.phase ?? 'unknown', host },
      ...(status === undefined ? {} : { status }),
      ...dial,
      ...(resolver === undefined ? {} : { resolver: resolver.replace(/^\[|\]$/g, '') }),
    },
    image: of,
    text: evidenceText(text),
  }
}

interface NamedUrl {
  host: string
  path: string
  isMirrored: boolean
}

/** The last URL is the innermost: the request that failed. */
function lastUrl(text: string): NamedUrl | undefined {
  const all = [...text.matchAll(/\bhttps?:\/\/([^\s/?#"'<>]+)([^\s?#"'<>]*)(\?[^\s"'<>]*)?/gi)]
  const last = all.at(-1)
  if (!last) return undefined
  const [, authority = '', path = '', query = ''] = last
  const host = authority
    .replace(/^.*@/, '')
    .replace(/:(?:443|80)?$/, '')
    .toLowerCase()
  return { host, path: path.replace(/[:,;)]+$/, ''), isMirrored: /[?&]ns=/.test(query) }
}

/** The registry of an image as its API is reached, or nothing for a name that is none. */
export function hostOf(image: string): string {
  const parsed = parseReference(image.replace(/^[a-z-]+:\/\//, ''))
  return parsed.ok ? parsed.value.apiHost : ''
}

function legOf(text: string, image: string, url: NamedUrl | undefined): PullLeg {
  if (
    /failed to authorize|fetch (?:anonymous|oauth) token|\/token\b.*(?:service|scope)=|auth token/i.test(text)
  )
    return 'token'
  if (!url) return /\bresolve (?:reference|image)\b/.test(text) ? 'resolve' : 'unknown'
  if (url.isMirrored) return 'mirror'
  const isImageHost = url.host === hostOf(image)
  if (/\/manifests\/sha256:/.test(url.path)) return isImageHost && image.includes('@') ? 'resolve' : 'child'
  if (/\/manifests\//.test(url.path) || /\/v2\/?$/.test(url.path)) return isImageHost ? 'resolve' : 'mirror'
  if (isImageHost)
    return /\/blobs\//.test(url.path) ? 'layer' : /\/token/.test(url.path) ? 'token' : 'resolve'
  if (/\/(?:token|auth)\b/.test(url.path)) return 'token'
  return image === '' ? 'unknown' : 'storage'
}

/** What a status means depends on who gave it. */
function kindOf(kind: PullKind, leg: PullLeg, status: number | undefined): PullKind {
  if (leg === 'storage' && (kind === 'access-denied' || kind === 'bad-credentials'))
    return 'storage-forbidden'
  if (leg === 'storage' && kind === 'tag-missing') return 'layer-missing'
  if (leg === 'layer' && kind === 'tag-missing') return 'layer-missing'
  if (leg === 'child' && kind === 'tag-missing') return 'orphaned-index'
  if (leg === 'mirror' && status !== undefined && status >= 400 && status !== 429) return 'mirror-miss'
  return kind
}

function dialled(text: string): Pick<PullError, 'address' | 'port'> {
  const [, six, four, port] =
    /\b(?:dial tcp|read tcp \S+->|write tcp \S+->) ?(?:\[([0-9a-fA-F:.%\w]+)\]|(\d{1,3}(?:\.\d{1,3}){3})):(\d{1,5})\b/.exec(
      text,
    ) ??
    /->(?:\[([0-9a-fA-F:.%\w]+)\]|(\d{1,3}(?:\.\d{1,3}){3})):(\d{1,5})\b/.exec(text) ??
    []
  const address = six ?? four
  return address === undefined ? {} : { address, port: Number(port) }
}

function statusIn(text: string): number | undefined {
  const [, found] =
    /\b(?:unexpected status(?: code)?(?: from [A-Z]+ request to)?|HTTP status:?|status code|parsing HTTP)\b[^\n]*?[: ]([1-5]\d\d)\b(?=[ ,;.)\n]|$)/i.exec(
      text,
    ) ??
    /\b([45]\d\d) (?:Unauthorized|Forbidden|Not Found|Too Many Requests|Internal Server Error|Bad Gateway|Service (?:Temporarily )?Unavailable|Gateway Time-?out)\b/i.exec(
      text,
    ) ??
    []
  return found === undefined ? undefined : Number(found)
}
