/**
 * The page of a finding on the web. `{id}` in the address stands for the finding; an address without it is that of the folder
 * with the pages, `…/ID.md`.
 */
export function pageUrl(docsUrl: string, id: string): string {
  const address = docsUrl.trim()
  if (address.includes('{id}')) return address.replaceAll('{id}', id)
  const url = new URL(address)
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/${id}.md`
  return url.href
}
