import { execa } from 'execa'
import * as z from 'zod'
import type { Observed } from '../../model.ts'
import { seen, trouble, unseen } from '../wire/trouble.ts'
import type { Credential } from './credential.ts'

/** A helper that asks a person, or a cloud that does not answer, must not hold a step up. */
const limitMs = 10_000

const answer = z.object({ Username: z.string(), Secret: z.string().min(1) })

/**
 * Asks a credential helper (docker-credential-helpers: `docker-credential-NAME get`, the server on its input). Gives nothing
 * when it says that it has nothing, and a trouble when it is not there, fails, or answers something else.
 */
export async function askHelper(
  name: string,
  server: string,
  host: string,
  path: string | undefined,
): Promise<Observed<Credential | undefined>> {
  const program = `docker-credential-${name}`
  const failed = (detail: string, evidence: string[] = []) =>
    unseen<Credential | undefined>(trouble('credential-helper-failed', host, 'token', detail, evidence))
  if (!/^[A-Za-z0-9._-]+$/.test(name)) return failed('the credential helper has a name that is none')
  const run = await execa(program, ['get'], {
    input: server,
    reject: false,
    timeout: limitMs,
    maxBuffer: 64 * 1024,
    ...(path === undefined ? {} : { env: { PATH: path } }),
  })
  if (run.timedOut) return failed(`${program} gave no answer in ${limitMs / 1000} s`)
  if (run.code === 'ENOENT') return failed(`${program} is configured, and not installed here`)
  const said = `${run.stdout} ${run.stderr}`
  if (run.failed) {
    if (/credentials not found/i.test(said)) return seen(undefined)
    // What a failing helper prints may hold what it should have given.
    return failed(`${program} failed (exit ${run.exitCode ?? run.signal ?? 'unknown'})`)
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
