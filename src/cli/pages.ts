import { readFile } from 'node:fs/promises'

/**
 * The page of a finding, as Markdown; undefined when there is none. The build puts all pages into the bundle in
 * place of this file (scripts/bundle.ts), so that `explain` needs no network and no files.
 */
export async function pageText(id: string): Promise<string | undefined> {
  if (!/^[a-z0-9-]+$/.test(id)) return undefined
  const file = new URL(`../../docs/findings/${id}.md`, import.meta.url)
  return readFile(file, 'utf8').catch(() => undefined)
}
