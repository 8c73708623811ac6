/** What is wrong with a `docs_url` that `isDocsUrl` refuses. */
export const docsUrlRule = 'must be an http or https URL without a login, like https://example.com/findings'

/** Whether pages can be linked to below this address: http(s), and no login that every report would show. */
export function isDocsUrl(text: string): boolean {
  const url = URL.parse(text)
  return url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === ''
}
