/** One link of a `Link` header: its target, and its parameters by lower-case name. */
export interface Link {
  target: string
  parameters: Record<string, string>
}

/** The query of a list's next page; undefined if there is a next page but its query cannot be used. */
export type NextPage = { more: false } | { more: true; query: string | undefined }

/** The HTTP client accepts no more bytes of headers (`maxHeaderSize` in client.ts), so no header is ever shortened. */
const maxLength = 64 * 1024

/** No registry's cursor is longer, and some servers reject URLs over 8 KiB. */
const maxQuery = 4096

/**
 * Parses the `Link` headers of a response (RFC 8288, section 3): any number of links per header, quoted or bare values, any case; of
 * several parameters with one name the first counts. Input that does not match the grammar is skipped to the next comma; an
 * unclosed quote ends its header.
 */
export function parseLinks(headers: string[]): Link[] {
  return headers.flatMap((header) => parseHeader(header.slice(0, maxLength)))
}

/**
 * The next page of a list, from the link with `rel="next"`. Only the query is returned, for the URL of the list that was requested:
 * registries write the target relative, absolute, or without a path prefix that a proxy added.
 */
export function nextPage(headers: string[]): NextPage {
  const next = parseLinks(headers).find(({ parameters }) => isNext(parameters))
  if (!next) return { more: false }
  const query = /^[^?#]*(\?[^#]+)/.exec(next.target)?.[1] ?? ''
  // Characters that URLs cannot contain: a URL parser would drop or escape them, and another page would be requested.
  const usable = query !== '' && query.length <= maxQuery && !/[\s\p{Cc}\p{Cf}\\]/u.test(query)
  return { more: true, query: usable ? query : undefined }
}

/** `rel` may list several relations; a link with an `anchor` is about another document (RFC 8288, section 3.2). */
const isNext = ({ rel = '', anchor }: Record<string, string>): boolean =>
  anchor === undefined && rel.toLowerCase().split(/\s+/).includes('next')

const separators = /[\s,]*/y

const target = /<([^<>]*)>/y

// `; name`, `; name=word`, `; name="text"`, or a lone `;`, which the algorithm of RFC 8288 skips as well (B.3).
const parameter = /\s*;\s*(?:([!#$%&'*+.^_`|~\w-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,;"<>]*)))?)?/sy

const unparsable = /(?:[^",]|"(?:[^"\\]|\\.)*")*/sy

function parseHeader(header: string): Link[] {
  const found: Link[] = []
  let at = 0
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at
    const match = pattern.exec(header)
    if (match) at = pattern.lastIndex
    return match
  }
  for (take(separators); at < header.length; take(separators)) {
    const link = take(target)
    if (link) {
      const parameters: Record<string, string> = Object.create(null)
      for (let one = take(parameter); one; one = take(parameter)) {
        const [, name, quoted, bare = ''] = one
        if (name !== undefined) parameters[name.toLowerCase()] ??= quoted?.replace(/\\(.)/gs, '$1') ?? bare
      }
      found.push({ target: link[1] ?? '', parameters })
    }
    take(unparsable)
    if (header[at] === '"') return found
  }
  return found
}
