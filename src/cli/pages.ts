import { readFile } from 'node:fs/promises'

/**
 * The page of a finding, as Markdown; undefined if there is none. In the bundle this file is replaced by one that holds all pages
 * (scripts/bundle.ts), so that `explain` needs neither the network nor files.
 */
export async function pageText(id: string): Promise<string | undefined> {
  if (!/^[a-z0-9-]+$/.test(id)) return undefined
  const file = new URL(`../../docs/findings/${id}.md`, import.meta.url)
  return readFile(file, 'utf8').catch(() => undefined)
}
