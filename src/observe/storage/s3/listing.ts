import { elements, textOf } from './xml.ts'

/** One object in a listing. */
export interface ListedObject {
  key: string
  /** In bytes. */
  size: number
  /** When it was written, in milliseconds since the epoch; undefined if the server does not say. */
  modifiedAt: number | undefined
}

/** One page of ListObjectsV2. */
export interface ListingPage {
  objects: ListedObject[]
  /** The common prefixes, where the listing is of one level only. */
  folders: string[]
  /** What the next page is asked for with; undefined on the last page. */
  next: string | undefined
}

/** Reads a page of ListObjectsV2, or says what is wrong with it, in words that follow “the listing”. */
export function parseListing(
  xml: string,
  prefix: string,
): { ok: true; page: ListingPage } | { ok: false; why: string } {
  const wrong = (why: string) => ({ ok: false as const, why })
  if (!/<ListBucketResult[\s>]/.test(xml)) return wrong('is not the answer of an S3 server')
  if (!/<\/ListBucketResult>\s*$/.test(xml)) return wrong('breaks off before its end')
  const isEncoded = textOf(xml, 'EncodingType') === 'url'
  const objects: ListedObject[] = []
  for (const one of elements(xml, 'Contents')) {
    const raw = textOf(one, 'Key')
    const key = raw === undefined ? undefined : isEncoded ? urlDecoded(raw) : raw
    if (key === undefined) return wrong('has an object without a readable key')
    if (!key.startsWith(prefix)) return wrong(`has the key ${key}, which does not begin with ${prefix}`)
    const size = textOf(one, 'Size') ?? ''
    if (!/^\d{1,15}$/.test(size)) return wrong(`gives no size for ${key}`)
    const modifiedAt = Date.parse(textOf(one, 'LastModified') ?? '')
    objects.push({ key, size: Number(size), modifiedAt: Number.isNaN(modifiedAt) ? undefined : modifiedAt })
  }
  const keyCount = textOf(xml, 'KeyCount')
  const folders = elements(xml, 'CommonPrefixes').map((one) => textOf(one, 'Prefix') ?? '')
  const count = objects.length + folders.length
  if (keyCount !== undefined && Number(keyCount) !== count)
    return wrong(`says that it has ${keyCount} keys, and has ${count}`)
  const isTruncated = textOf(xml, 'IsTruncated') === 'true'
  const next = textOf(xml, 'NextContinuationToken')
  if (isTruncated && !next) return wrong('is incomplete, and does not say how to ask for the rest')
  return { ok: true, page: { objects, folders, next: isTruncated ? next : undefined } }
}

/** Text in `encoding-type=url`, where a space is a +; undefined if it cannot be decoded. */
export function urlDecoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return undefined
  }
}
