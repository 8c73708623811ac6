import { execa } from 'execa'
import { findProgram } from './need.ts'

/** Pulls everything a reference names with a client that checks every digest: `host/name:tag` into `dir`. */
export async function skopeoCopyAll(
  reference: string,
  dir: string,
  credentials?: { user: string; password: string },
): Promise<{ ok: boolean; stderr: string }> {
  const program = findProgram('skopeo')
  if (program === undefined) throw new Error('skopeo is neither in PATH nor in /usr/sbin')
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
