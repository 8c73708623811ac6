import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { Problem } from '../../settings/problem.ts'

const pem = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g

/** Reads the certificates of the setting `ca_file`, a path or the PEM text itself. Returns a problem if they cannot be used. */
export async function readAuthorities(
  setting: string | undefined,
): Promise<{ ok: true; value: string[] } | { ok: false; problem: Problem }> {
  if (setting === undefined) return { ok: true, value: [] }
  const inline = setting.includes('-----BEGIN')
  const content = inline ? setting : await readFile(setting, 'utf8').catch(() => undefined)
  const wrong = (message: string) =>
    ({ ok: false, problem: { setting: 'ca_file', ...(inline ? {} : { value: setting }), message } }) as const
  if (content === undefined) return wrong('cannot be read; it must be a file in the step, or PEM text')
  const found = content.match(pem) ?? []
  if (found.length === 0) return wrong('contains no certificate in PEM form')
  return found.every(isCertificate) ? { ok: true, value: found } : wrong('contains a damaged certificate')
}

function isCertificate(text: string): boolean {
  try {
    return new X509Certificate(text).subject !== ''
  } catch {
    return false
  }
}
