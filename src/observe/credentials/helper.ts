import * as z from 'zod'
import type { Observed } from '../../core/observed.ts'
import { seen, unseen } from '../../core/observed.ts'
import type { Env } from '../../settings/sources.ts'
import { failure, stopped } from '../http/failures.ts'
import type { Credential } from './credential.ts'
import { maxOutputBytes, runHelper } from './run-helper.ts'

/** How a credential helper is run. */
export interface HelperOptions {
  /** The step's environment: `PATH`, and what helpers read (HOME, AWS_PROFILE). */
  env: Env
  /** Ends the helper when the run ends. */
  signal: AbortSignal
  /** The time limit in milliseconds, 10 s by default: a helper may wait for a person, or for a cloud that does not answer. */
  limitMs?: number
}

const output = z.object({ Username: z.string(), Secret: z.string().min(1) })

/**
 * Runs a credential helper (docker-credential-helpers: `docker-credential-NAME get`, with the server on standard input) and returns
 * its credential; undefined if it has none for the server. A helper that is missing, fails, or prints something else is a failure of
 * `host`.
 */
export async function credentialFromHelper(
  name: string,
  server: string,
  host: string,
  { env, signal, limitMs = 10_000 }: HelperOptions,
): Promise<Observed<Credential | undefined>> {
  const program = `docker-credential-${name}`
  const failed = (detail: string) =>
    unseen<Credential | undefined>(failure('credential-helper-failed', host, 'token', detail))
  if (!/^[A-Za-z0-9._-]+$/.test(name)) return failed('the name of the credential helper is not valid')
  if (signal.aborted) return unseen(stopped(host, signal))
  const run = await runHelper(program, server, { env, signal, limitMs })
  if (run.end === 'stopped') return unseen(stopped(host, signal))
  if (run.end !== 'exit') {
    const why = {
      timeout: `timed out after ${limitMs / 1000} s`,
      missing: 'is configured but not installed here',
      overflow: `printed more than ${maxOutputBytes / 1024} KiB`,
    }
    return failed(`${program} ${why[run.end]}`)
  }
  if (run.code !== 0) {
    if (/credentials not found/i.test(`${run.stdout} ${run.stderr}`)) return seen(undefined)
    // The output of a failing helper may contain the secret, so only its exit code is printed.
    return failed(`${program} failed (exit ${run.code})`)
  }
  const parsed = parse(run.stdout)
  if (!parsed) return failed(`${program} did not print a credential`)
  const from = `the credential helper ${name}`
  return seen(
    parsed.Username === '<token>'
      ? { kind: 'identity', token: parsed.Secret, from }
      : { kind: 'password', username: parsed.Username, password: parsed.Secret, from },
  )
}

function parse(text: string): z.infer<typeof output> | undefined {
  try {
    return output.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}
