/** One authentication challenge of a `WWW-Authenticate` header; the scheme is lower case. */
export interface Challenge {
  scheme: string
  parameters: Record<string, string>
}

/** More than any registry sends; the rest of a longer header is not parsed. */
const maxLength = 8192

/**
 * Parses the `WWW-Authenticate` headers of a response (RFC 9110, section 11.6.1): any number of challenges per header, quoted or bare
 * values, any case. Input that does not match the grammar is skipped.
 */
export function parseChallenges(headers: string[]): Challenge[] {
  return headers.flatMap((header) => parseHeader(header.slice(0, maxLength)))
}

// One token: an optional comma, then `name = value` or a bare word (a scheme).
const token =
  /[\s,]*(?:([!#$%&'*+.^_`|~\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*))|([!#$%&'*+.^_`|~\w-]+)(?=\s|,|$))/y

const unparsable = /[^\s,]*[\s,]*/y

function parseHeader(header: string): Challenge[] {
  const found: Challenge[] = []
  token.lastIndex = 0
  while (token.lastIndex < header.length) {
    const at = token.lastIndex
    const match = token.exec(header)
    if (!match) {
      // Skip the whole unparsable word: advancing by one character would make hostile input slow.
      unparsable.lastIndex = at
      unparsable.exec(header)
      token.lastIndex = Math.max(unparsable.lastIndex, at + 1)
      continue
    }
    const [whole, name, quoted, bare, scheme] = match
    if (whole === '') break
    if (scheme !== undefined) {
      found.push({ scheme: scheme.toLowerCase(), parameters: Object.create(null) })
      continue
    }
    const last = found.at(-1)
    if (last && name !== undefined) {
      last.parameters[name.toLowerCase()] ??= quoted?.replace(/\\(.)/g, '$1') ?? bare ?? ''
    }
  }
  return found
}
