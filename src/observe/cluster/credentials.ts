import type { Env } from '../../settings/sources.ts'
import type { ClusterAccess } from './access.ts'
import { type ExecCredential, runExecPlugin } from './exec-plugin.ts'
import { readText } from './read-text.ts'

/** Kubelet replaces the tokens of service accounts before they end; client-go reads them again as often. */
const tokenFileMs = 60_000

/** What a request is authenticated with. */
export interface Credential {
  authorization?: string
  cert?: string
  key?: string
}

/** Gives the credential of each request. */
export interface Credentials {
  get: () => Promise<{ ok: true; value: Credential } | { ok: false; why: string }>
  /** Forgets what was kept, after it was refused. Returns whether asking again may give another. */
  renew: () => boolean
}

export interface CredentialOptions {
  env: Env
  signal: AbortSignal
  now: () => number
  keepSecret: (secret: string) => void
}

/** The credentials of an access. Tokens from files are read again each minute, those of plugins when they expire. */
export function openCredentials(access: ClusterAccess, options: CredentialOptions): Credentials {
  const { auth, tls } = access
  const own: Credential =
    tls.cert === undefined || tls.key === undefined ? {} : { cert: tls.cert, key: tls.key }
  if (own.key !== undefined) options.keepSecret(own.key)
  const fixed = (value: Credential): Credentials => ({
    get: async () => ({ ok: true, value }),
    renew: () => false,
  })
  const bearer = (token: string) => {
    options.keepSecret(token)
    return `Bearer ${token}`
  }
  if (auth.kind === 'none') return fixed(own)
  if (auth.kind === 'token') return fixed({ ...own, authorization: bearer(auth.token) })
  if (auth.kind === 'basic') {
    options.keepSecret(auth.password)
    return fixed({
      ...own,
      authorization: `Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString('base64')}`,
    })
  }
  if (auth.kind === 'token-file') {
    const { path } = auth
    return kept(options.now, async () => {
      const file = await readText(path)
      if (!file.ok) return { ok: false, why: `the token file ${path} ${file.why}` }
      const token = file.text.trim()
      if (token === '') return { ok: false, why: `the token file ${path} is empty` }
      return { ok: true, value: { ...own, authorization: bearer(token) }, until: options.now() + tokenFileMs }
    })
  }
  const { entry, folder } = auth
  return kept(options.now, async () => {
    const result = await runExecPlugin({ entry, folder, access, ...options })
    if (!result.ok) return result
    const { token, cert, key, expiresAt = Number.POSITIVE_INFINITY }: ExecCredential = result.value
    if (key !== undefined) options.keepSecret(key)
    return {
      ok: true,
      value: {
        ...own,
        ...(cert !== undefined && key !== undefined ? { cert, key } : {}),
        ...(token === undefined ? {} : { authorization: bearer(token) }),
      },
      until: expiresAt,
    }
  })
}

type Fresh = { ok: true; value: Credential; until: number } | { ok: false; why: string }

/** Asks once until the answer is too old; requests that come meanwhile wait for the same answer. */
function kept(now: () => number, ask: () => Promise<Fresh>): Credentials {
  let last: Promise<Fresh> | undefined
  let until = Number.NEGATIVE_INFINITY
  return {
    get: async () => {
      if (!last || now() >= until) {
        until = Number.POSITIVE_INFINITY
        last = ask()
      }
      const fresh = await last
      until = fresh.ok ? fresh.until : Number.NEGATIVE_INFINITY
      return fresh
    },
    renew: () => {
      until = Number.NEGATIVE_INFINITY
      return true
    },
  }
}
