/** The message for an invalid `docs_url`. */
export const docsUrlRule = 'must be an http or https URL without a login, like https://example.com/findings'

/** Whether this is an http or https URL without a login, which every report would show. */
export function isDocsUrl(text: string): boolean {
  const url = URL.parse(text)
  return url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === ''
}
