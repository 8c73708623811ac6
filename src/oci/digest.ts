/** A digest by image-spec's grammar: `algorithm:encoded`. */
export interface Digest {
  algorithm: string
  encoded: string
}

const grammar = /^[a-z0-9]+(?:[+._-][a-z0-9]+)*:[a-zA-Z0-9=_-]+$/
/** Nearly all digests. */
const sha256 = /^sha256:[a-f0-9]{64}$/
const registered: Record<string, RegExp> = { sha256: /^[a-f0-9]{64}$/, sha512: /^[a-f0-9]{128}$/ }

/**
 * Parses a digest; undefined for text outside the grammar, and for a registered algorithm with the wrong
 * number of hex digits (image-spec, descriptor.md, "Digests").
 */
export function parseDigest(text: string): Digest | undefined {
  if (sha256.test(text)) return { algorithm: 'sha256', encoded: text.slice('sha256:'.length) }
  if (!grammar.test(text)) return undefined
  const colon = text.indexOf(':')
  const digest = { algorithm: text.slice(0, colon), encoded: text.slice(colon + 1) }
  const pattern = Object.hasOwn(registered, digest.algorithm) ? registered[digest.algorithm] : undefined
  return pattern && !pattern.test(digest.encoded) ? undefined : digest
}

/** The algorithm of a digest if regguard can compute it; otherwise undefined, and the content is unverifiable, not corrupt. */
export function hashAlgorithm(digest: string): 'sha256' | 'sha512' | undefined {
  const algorithm = parseDigest(digest)?.algorithm
  return algorithm === 'sha256' || algorithm === 'sha512' ? algorithm : undefined
}

/** The algorithm, the first eight digits and an ellipsis, for output read by people. */
export function shortDigest(digest: string): string {
  const colon = digest.indexOf(':')
  const encoded = digest.slice(colon + 1)
  return encoded.length > 12 ? `${digest.slice(0, colon + 1)}${encoded.slice(0, 8)}…` : digest
}
