import { resolve } from 'node:path'
import * as z from 'zod'
import type { Env } from '../../settings/sources.ts'
import { runProgram } from '../credentials/run-helper.ts'
import type { ClusterAccess } from './access.ts'
import type { ExecEntry } from './kubeconfig-file.ts'

/** A plugin may have to ask a server of its own. */
const limitMs = 30_000

const answerSchema = z.object({
  kind: z.literal('ExecCredential'),
  status: z.object({
    token: z.string().nullish(),
    clientCertificateData: z.string().nullish(),
    clientKeyData: z.string().nullish(),
    expirationTimestamp: z.string().nullish(),
  }),
})

/** What a plugin gave. */
export interface ExecCredential {
  token?: string
  cert?: string
  key?: string
  /** Milliseconds since the epoch. */
  expiresAt?: number
}

/**
 * Runs the exec plugin of a kubeconfig (client.authentication.k8s.io), without a terminal and for at most 30 seconds. Returns its
 * credential, or why there is none, as a sentence without what the plugin printed on standard output.
 */
export async function runExecPlugin({
  entry,
  folder,
  access,
  env,
  signal,
}: {
  entry: ExecEntry
  folder: string
  access: ClusterAccess
  env: Env
  signal: AbortSignal
}): Promise<{ ok: true; value: ExecCredential } | { ok: false; why: string }> {
  const named = entry.command ?? ''
  // As client-go does: only a command with a slash is relative to the file.
  const command = named.includes('/') ? resolve(folder, named) : named
  const result = await runProgram(command, entry.args ?? [], '', {
    env: {
      ...env,
      ...Object.fromEntries((entry.env ?? []).map(({ name, value }) => [name, value])),
      KUBERNETES_EXEC_INFO: JSON.stringify(infoOf(entry, access)),
    },
    ...{ signal, limitMs },
  })
  const fail = (why: string) => ({ ok: false as const, why: `the exec plugin ${named} ${why}` })
  if (result.end !== 'exit') return fail(ends[result.end](entry.installHint))
  if (result.code !== 0)
    return fail(`exited with ${result.code}: ${lastLine(result.stderr) || 'it printed no error'}`)
  const read = answerSchema.safeParse(json(result.stdout))
  if (!read.success) return fail('printed no ExecCredential')
  const {
    token,
    clientCertificateData: cert,
    clientKeyData: key,
    expirationTimestamp: expires,
  } = read.data.status
  if (!token && !(cert && key)) return fail('gave neither a token nor a certificate with its key')
  const expiresAt = expires ? Date.parse(expires) : Number.NaN
  return {
    ok: true,
    value: {
      ...(token ? { token } : {}),
      ...(cert && key ? { cert, key } : {}),
      ...(Number.isNaN(expiresAt) ? {} : { expiresAt }),
    },
  }
}

/** How a plugin ends that gives nothing. */
const ends: Record<'missing' | 'timeout' | 'stopped' | 'overflow', (hint?: string | null) => string> = {
  missing: (hint) => `is not installed here${hint ? `: ${hint.split('\n')[0]?.slice(0, 200)}` : ''}`,
  timeout: () => 'did not end within 30 s',
  stopped: () => 'was stopped with the run',
  overflow: () => 'printed more than any credential',
}

function infoOf({ apiVersion, provideClusterInfo }: ExecEntry, { server, tls }: ClusterAccess): object {
  const cluster = {
    server: server.href,
    ...(tls.ca === undefined ? {} : { 'certificate-authority-data': Buffer.from(tls.ca).toString('base64') }),
    ...(tls.servername === undefined ? {} : { 'tls-server-name': tls.servername }),
    ...(tls.skipVerify ? { 'insecure-skip-tls-verify': true } : {}),
  }
  return {
    apiVersion,
    kind: 'ExecCredential',
    spec: { interactive: false, ...(provideClusterInfo ? { cluster } : {}) },
  }
}

const lastLine = (text: string): string => text.trim().split('\n').at(-1)?.slice(0, 200) ?? ''

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
