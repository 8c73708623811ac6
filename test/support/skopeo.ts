import { execa } from 'execa'
import { findProgram } from './need.ts'

/** Pulls `host/name:tag` with all its platforms into `dir`, with a client that checks every digest. */
export async function skopeoCopyAll(
  reference: string,
  dir: string,
  credentials?: { user: string; password: string },
): Promise<{ ok: boolean; stderr: string }> {
  const program = findProgram('skopeo')
  if (program === undefined) throw new Error('skopeo is not installed')
  const login = credentials
    ? ['--src-creds', `${credentials.user}:${credentials.password}`]
    : ['--src-no-creds']
  const done = await execa(
    program,
    [
      '--insecure-policy',
      'copy',
      '--all',
      '--src-tls-verify=false',
      ...login,
      `docker://${reference}`,
      `dir:${dir}`,
    ],
    { reject: false },
  )
  return { ok: done.exitCode === 0, stderr: done.stderr }
}
