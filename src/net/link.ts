/** One link of a `Link` header: where to, and what is said of it, by names in lower case. */
export interface Link {
  target: string
  parameters: Record<string, string>
}

/** Whether a list goes on, and with which query; none where it says only that it does. */
export type NextPage = { more: false } | { more: true; query: string | undefined }

/** As long as all headers of an answer together may be (wire.ts), so nothing that came is ever cut. */
const maxLength = 64 * 1024

/** No registry's cursor is longer, and servers begin to refuse addresses at 8 KiB. */
const maxQuery = 4096

/**
 * Reads links from all `Link` headers of an answer (RFC 8288, section 3): several in one header or in several, quoted or bare
 * values, any case; the first of several parameters of one name counts. What does not fit the grammar is skipped to the next
 * comma; a quote that is never closed ends its header.
 */
export function parseLinks(headers: string[]): Link[] {
  return headers.flatMap((header) => parseHeader(header.slice(0, maxLength)))
}

/**
 * The next page of a list, by its link `rel="next"`. Only its query is given: registries write the address relative, absolute, or
 * without the path that a proxy put before it, and whatever they write, the list that was asked is the one that goes on.
 */
export function nextPage(headers: string[]): NextPage {
  const next = parseLinks(headers).find(({ parameters }) => isNext(parameters))
  if (!next) return { more: false }
  const query = /^[^?#]*(\?[^#]+)/.exec(next.target)?.[1] ?? ''
  // What a URL cannot hold; a browser's parser would drop or escape it, and ask for something else.
  const usable = query !== '' && query.length <= maxQuery && !/[\s\p{Cc}\p{Cf}\\]/u.test(query)
  return { more: true, query: usable ? query : undefined }
}

/** `rel` may hold several relations; a link with an `anchor` is about another document than the one that came (3.2). */
const isNext = ({ rel = '', anchor }: Record<string, string>): boolean =>
  anchor === undefined && rel.toLowerCase().split(/\s+/).includes('next')

const between = /[\s,]*/y

const target = /<([^<>]*)>/y

// `; name`, `; name=word`, `; name="text"`, or a `;` with nothing after it, which RFC 8288's own algorithm passes over (B.3).
const parameter = /\s*;\s*(?:([!#$%&'*+.^_`|~\w-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,;"<>]*)))?)?/sy

const junk = /(?:[^",]|"(?:[^"\\]|\\.)*")*/sy

function parseHeader(header: string): Link[] {
  const found: Link[] = []
  let at = 0
  const take = (form: RegExp): RegExpExecArray | null => {
    form.lastIndex = at
    const match = form.exec(header)
    if (match) at = form.lastIndex
    return match
  }
  for (take(between); at < header.length; take(between)) {
    const named = take(target)
    if (named) {
      const parameters: Record<string, string> = Object.create(null)
      for (let one = take(parameter); one; one = take(parameter)) {
        const [, name, quoted, bare = ''] = one
        if (name !== undefined) parameters[name.toLowerCase()] ??= quoted?.replace(/\\(.)/gs, '$1') ?? bare
      }
      found.push({ target: named[1] ?? '', parameters })
    }
    take(junk)
    if (header[at] === '"') return found
  }
  return found
}
