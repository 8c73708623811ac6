const forms: Record<string, RegExp> = {
  sha256: /^[a-f0-9]{64}$/,
  sha384: /^[a-f0-9]{96}$/,
  sha512: /^[a-f0-9]{128}$/,
}

/**
 * Whether the registry takes the text for a digest, as it does with the content of a link file and with paths: one of
 * three algorithms, lower case, and nothing around it, not even a line break (go-digest 1.0, `Digest.Validate`).
 */
export function isStoredDigest(text: string): boolean {
  const colon = text.indexOf(':')
  const algorithm = text.slice(0, colon)
  return Object.hasOwn(forms, algorithm) && forms[algorithm]?.test(text.slice(colon + 1)) === true
}
