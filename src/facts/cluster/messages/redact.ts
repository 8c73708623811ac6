/**
 * Text without what URLs in it carry in secret: queries (signatures of presigned URLs), fragments, user names and passwords. A query is
 * cut wherever it ends: at a space, a quote, a bracket, or the end of the text.
 */
export const withoutUrlSecrets = (text: string): string =>
  text
    .replace(/\b([a-z][a-z0-9+.-]{0,20}:\/\/)[^\s/?#"'<>@]*@/gi, '$1')
    .replace(/\b([a-z][a-z0-9+.-]{0,20}:\/\/[^\s?#"'<>]*)[?#][^\s"'<>]*/gi, '$1')
    // A URL that lost its beginning, and headers that some proxies print.
    .replace(
      /\b(X-Amz-(?:Signature|Credential|Security-Token)|Signature|verify|sig|token|access_token)=[^\s"'&<>]+/gi,
      '$1=…',
    )
    .replace(/\b(Bearer|Basic) [\w.~+/=-]{8,}/gi, '$1 …')

/** A message as evidence: redacted, in one line, cut to `max` characters. */
export function evidenceText(text: string, max = 300): string {
  const line = withoutUrlSecrets(text.slice(0, 8192)).replace(/\s*[\r\n]+\s*/g, ' / ')
  return line.length > max ? `${line.slice(0, max)}…` : line
}
