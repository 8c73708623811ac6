import { secretPatterns } from './mask-patterns.ts'
import { splitLines } from './text.ts'

/** Masks the secrets of this run in text. */
export type Mask = {
  /** Makes `apply` mask this secret from now on. Ignores empty and blank secrets. */
  add(secret: string): void
  /** Forgets a secret that is over, once for each time that it was added: one that was added as something lasting, too, stays. */
  remove(secret: string): void
  /** Replaces every known secret in the text with `********`. */
  apply(text: string): string
}

const MASKED = '********'

/** Shorter values occur in every log by chance; the limit is that of Woodpecker's agent (replace_secrets.go). */
const SHORTEST_SECRET = 4

/**
 * Creates an empty mask. A secret is masked literally and in the forms of `secretPatterns`; a secret of several lines is
 * also masked line by line. Secrets, and lines of secrets, with 3 characters or fewer are not masked: the log would become
 * unreadable, and the positions of the masks would reveal them.
 * Matches that touch or overlap are merged, so a secret that contains another is masked completely.
 * Each secret is compiled once, when it is added; `apply` does one linear search per pattern.
 */
export function createMask(): Mask {
  const known = new Map<string, { times: number; patterns: readonly RegExp[] }>()
  return {
    add(secret) {
      for (const piece of maskablePieces(secret)) {
        const { times, patterns } = known.get(piece) ?? { times: 0, patterns: secretPatterns(piece) }
        known.set(piece, { times: times + 1, patterns })
      }
    },
    remove(secret) {
      for (const piece of maskablePieces(secret)) {
        const one = known.get(piece)
        if (!one) continue
        if (one.times > 1) known.set(piece, { ...one, times: one.times - 1 })
        else known.delete(piece)
      }
    },
    apply(text) {
      return hide(
        text,
        findAll(
          text,
          [...known.values()].flatMap(({ patterns }) => patterns),
        ),
      )
    },
  }
}

/**
 * Returns the texts to mask for a secret: all of it, all of it trimmed, and each line. Leaves out texts shorter than 4
 * characters, and those made only of blanks and the mask's own asterisks.
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
    // Not matchAll, which copies the pattern on each call; that costs more than the search.
    pattern.lastIndex = 0
    for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
      spans.push({ start: match.index, end: pattern.lastIndex })
      // A secret can overlap itself: `ababab` contains `abab` twice.
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
