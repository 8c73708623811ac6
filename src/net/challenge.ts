/** One authentication challenge of a `WWW-Authenticate` header; the scheme is lower case. */
export interface Challenge {
  scheme: string
  parameters: Record<string, string>
}

/** Enough for any challenge a registry sends; more is cut off, not parsed. */
const maxLength = 8192

/**
 * Reads challenges from all `WWW-Authenticate` headers of an answer (RFC 9110, section 11.6.1): several in one
 * header or in several, quoted or bare values, any case. What does not fit the grammar is skipped.
 */
export function parseChallenges(headers: string[]): Challenge[] {
  return headers.flatMap((header) => parseHeader(header.slice(0, maxLength)))
}

// One step of the grammar: an optional comma, then `name = value` or a bare word (a scheme).
const step =
  /[\s,]*(?:([!#$%&'*+.^_`|~\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*))|([!#$%&'*+.^_`|~\w-]+)(?=\s|,|$))/y

const junk = /[^\s,]*[\s,]*/y

function parseHeader(header: string): Challenge[] {
  const found: Challenge[] = []
  step.lastIndex = 0
  while (step.lastIndex < header.length) {
    const at = step.lastIndex
    const match = step.exec(header)
    if (!match) {
      // Past the whole of what fits nothing: going on by one character would make hostile text slow.
      junk.lastIndex = at
      junk.exec(header)
      step.lastIndex = Math.max(junk.lastIndex, at + 1)
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
