import { secretPatterns } from './mask-patterns.ts'
import { splitLines } from './text.ts'

/** Knows the secrets of this run and hides them in any text. */
export type Mask = {
  /** From now on `apply` hides this secret. Empty and blank secrets do nothing. */
  add(secret: string): void
  /** Takes text, gives it with every known secret as `********`. */
  apply(text: string): string
}

const MASKED = '********'

/** Shorter values occur in every log by chance: the rule of Woodpecker's agent (replace_secrets.go). */
const SHORTEST_SECRET = 4

/**
 * Gives an empty mask. A secret is hidden as it is, and in the forms of `secretPatterns`; a secret of several
 * lines is also hidden line by line. Secrets, and lines of secrets, of 3 characters or fewer are not hidden:
 * they would shred the log and by that tell more than they hide.
 * Matches that touch or overlap become one, so a secret that contains another is hidden whole.
 * Each secret is compiled once, when it is added; `apply` is one linear search per pattern.
 */
export function createMask(): Mask {
  const known = new Set<string>()
  const patterns: RegExp[] = []
  return {
    add(secret) {
      for (const piece of maskablePieces(secret)) {
        if (known.has(piece)) continue
        known.add(piece)
        patterns.push(...secretPatterns(piece))
      }
    },
    apply(text) {
      return hide(text, findAll(text, patterns))
    },
  }
}

/**
 * Takes a secret, gives what has to be hidden for it: the whole, the whole without blanks around it, each line.
 * Nothing in it is shorter than 4 characters, and nothing consists of the mask's own asterisks.
 */
export function maskablePieces(secret: string): string[] {
  const whole = secret.toWellFormed()
  const pieces = [whole, whole.trim(), ...splitLines(whole).map((line) => line.trim())]
  return [...new Set(pieces)].filter((piece) => piece.length >= SHORTEST_SECRET && !/^[\s*]*$/.test(piece))
}

type Span = { start: number; end: number }

function findAll(text: string, patterns: readonly RegExp[]): Span[] {
  const spans: Span[] = []
  for (const pattern of patterns) {
    // Not matchAll: it copies the pattern for each call, which costs more than the search.
    pattern.lastIndex = 0
    for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
      spans.push({ start: match.index, end: pattern.lastIndex })
      // A secret can overlap itself: in `ababab` the secret `abab` is twice.
      pattern.lastIndex = match.index + 1
    }
  }
  return spans.sort((a, b) => a.start - b.start)
}

function hide(text: string, spans: readonly Span[]): string {
  let shown = ''
  let end = 0
  for (const [index, span] of spans.entries()) {
    if (index === 0 || span.start > end) shown += text.slice(end, span.start) + MASKED
    end = Math.max(end, span.end)
  }
  return shown + text.slice(end)
}
