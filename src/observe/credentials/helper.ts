import * as z from 'zod'
import type { Observed } from '../../core/observed.ts'
import { seen, unseen } from '../../core/observed.ts'
import type { Env } from '../../settings/sources.ts'
import { failure, stopped } from '../http/failures.ts'
import type { Credential } from './credential.ts'
import { outputCap, runHelper } from './run-helper.ts'

/** What asking a helper needs. */
export interface HelperOptions {
  /** The step's environment: where helpers lie, and what they go by (HOME, AWS_PROFILE). */
  env: Env
  /** Ends the helper when the run ends. */
  signal: AbortSignal
  /** A helper that asks a person, or a cloud that does not answer, must not hold a step up; 10 s unless told. */
  limitMs?: number
}

const answer = z.object({ Username: z.string(), Secret: z.string().min(1) })

/**
 * Asks a credential helper (docker-credential-helpers: `docker-credential-NAME get`, the server on its input). Gives nothing
 * when it says that it has nothing, and a trouble when it is not there, fails, or answers something else.
 */
export async function askHelper(
  name: string,
  server: string,
  host: string,
  { env, signal, limitMs = 10_000 }: HelperOptions,
): Promise<Observed<Credential | undefined>> {
  const program = `docker-credential-${name}`
  const failed = (detail: string) =>
    unseen<Credential | undefined>(failure('credential-helper-failed', host, 'token', detail))
  if (!/^[A-Za-z0-9._-]+$/.test(name)) return failed('the credential helper has a name that is none')
  if (signal.aborted) return unseen(stopped(host, signal))
  const run = await runHelper(program, server, { env, signal, limitMs })
  if (run.end === 'stopped') return unseen(stopped(host, signal))
  if (run.end !== 'exit') {
    const why = {
      late: `gave no answer in ${limitMs / 1000} s`,
      missing: 'is configured, and not installed here',
      flood: `printed more than ${outputCap / 1024} KiB`,
    }
    return failed(`${program} ${why[run.end]}`)
  }
  if (run.how !== 0) {
    if (/credentials not found/i.test(`${run.stdout} ${run.stderr}`)) return seen(undefined)
    // What a failing helper prints may hold what it should have given.
    return failed(`${program} failed (exit ${run.how})`)
  }
  const parsed = parse(run.stdout)
  if (!parsed) return failed(`${program} answered something else than a credential`)
  const from = `the credential helper ${name}`
  return seen(
    parsed.Username === '<token>'
      ? { kind: 'identity', token: parsed.Secret, from }
      : { kind: 'password', username: parsed.Username, password: parsed.Secret, from },
  )
}

function parse(text: string): z.infer<typeof answer> | undefined {
  try {
    return answer.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}
