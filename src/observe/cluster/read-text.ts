import { readFile } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'

export type ReadText = { ok: true; text: string } | { ok: false; isMissing: boolean; why: string }

/** The largest file that is read; no kubeconfig or certificate is as large. */
const maxChars = 4 * 1024 * 1024

/** The text of a file, or why it cannot be read. */
export async function readText(path: string, folder = '.'): Promise<ReadText> {
  try {
    const text = await readFile(isAbsolute(path) ? path : join(folder, path), 'utf8')
    return text.length > maxChars ? { ok: false, isMissing: false, why: 'is too large' } : { ok: true, text }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    const why =
      {
        ENOENT: 'does not exist',
        EACCES: 'may not be read by this user',
        EISDIR: 'is a folder',
        ENOTDIR: 'is below a file',
      }[code] ?? `cannot be read (${code})`
    return { ok: false, isMissing: code === 'ENOENT', why }
  }
}
