import type { AccessResult, ClusterAccess, ClusterAuth } from './access.ts'
import type { ClusterEntry, Entry, Kubeconfig, UserEntry } from './kubeconfig-file.ts'
import type { ReadText } from './read-text.ts'

type Reader = (path: string, folder: string) => Promise<ReadText>

/** A mistake in a kubeconfig, as a sentence. It never leaves this file. */
class Mistake extends Error {}

/** The access that a context of a kubeconfig describes, or what is wrong with it. Certificates are read here. */
export async function accessOf(
  config: Kubeconfig,
  wanted: string | undefined,
  from: string,
  read: Reader,
): Promise<AccessResult> {
  try {
    const name = contextName(config, wanted)
    const { cluster: clusterName, user: userName } = config.contexts.get(name)?.value ?? {}
    const cluster = entryOf(config.clusters, clusterName, `context “${name}”`, 'cluster')
    const user = userName ? entryOf(config.users, userName, `context “${name}”`, 'user') : undefined
    const server = serverOf(cluster, clusterName ?? '')
    const proxy = proxyOf(cluster)
    return {
      ok: true,
      value: {
        ...{ server, from, context: name },
        tls: await tlsOf(cluster, user, read),
        ...(proxy ? { proxy } : {}),
        auth: user ? await authOf(user, userName ?? '', read) : { kind: 'none' },
      },
    }
  } catch (error) {
    if (error instanceof Mistake) return { ok: false, from, why: `${from}: ${error.message}` }
    throw error
  }
}

function contextName({ contexts, currentContext }: Kubeconfig, wanted: string | undefined): string {
  const names = [...contexts.keys()]
  const has = names.length > 0 ? `it has ${names.slice(0, 8).join(', ')}` : 'it has none'
  const name = wanted ?? currentContext
  if (name === undefined) throw new Mistake(`no current-context, and kube_context is not set; ${has}`)
  if (!contexts.has(name))
    throw new Mistake(
      `${wanted === undefined ? 'current-context' : 'kube_context'} names “${name}”, which is not among its contexts; ${has}`,
    )
  return name
}

function entryOf<T>(
  entries: Map<string, Entry<T>>,
  name: string | null | undefined,
  by: string,
  what: string,
): Entry<T> {
  if (!name) throw new Mistake(`${by} names no ${what}`)
  const entry = entries.get(name)
  if (!entry) throw new Mistake(`${by} names the ${what} “${name}”, which it does not have`)
  return entry
}

function serverOf({ value: { server } }: Entry<ClusterEntry>, name: string): URL {
  if (!server) throw new Mistake(`cluster “${name}” has no server`)
  // As kubectl does: an address without a scheme is plain HTTP; nobody means that.
  const url = URL.parse(server)
  if (!url || !/^https?:$/.test(url.protocol))
    throw new Mistake(`the server of cluster “${name}” is not a URL like https://10.0.0.1:6443`)
  url.username = ''
  url.password = ''
  return url
}

function proxyOf({ value: { 'proxy-url': proxy } }: Entry<ClusterEntry>): URL | undefined {
  if (!proxy) return undefined
  // It may contain a password, so that no more than its scheme is printed.
  const url = URL.parse(proxy)
  if (url?.hostname && /^(?:https?|socks5h?):$/.test(url.protocol)) return url
  const isOther = url?.hostname && proxy.includes('://')
  throw new Mistake(
    `its proxy-url ${isOther ? `has the scheme ${url.protocol.slice(0, -1)}` : 'is not a URL'}; regguard supports http://HOST:PORT, https:// and socks5://`,
  )
}

async function tlsOf(
  cluster: Entry<ClusterEntry>,
  user: Entry<UserEntry> | undefined,
  read: Reader,
): Promise<ClusterAccess['tls']> {
  const skipVerify = cluster.value['insecure-skip-tls-verify'] === true
  const ca = await pemOf(cluster, 'certificate-authority', 'CERTIFICATE', read)
  if (skipVerify && ca !== undefined)
    throw new Mistake(
      'insecure-skip-tls-verify and a certificate-authority exclude each other, as in kubectl',
    )
  const cert = user && (await pemOf(user, 'client-certificate', 'CERTIFICATE', read))
  const key = user && (await pemOf(user, 'client-key', 'PRIVATE KEY', read))
  if ((cert === undefined) !== (key === undefined))
    throw new Mistake(
      `it has a client-${cert === undefined ? 'key without a client-certificate' : 'certificate without a client-key'}`,
    )
  const servername = cluster.value['tls-server-name']
  return {
    skipVerify,
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined || key === undefined ? {} : { cert, key }),
    ...(servername ? { servername } : {}),
  }
}

type PemKey = 'certificate-authority' | 'client-certificate' | 'client-key'

/** Inline data goes before a file, as in client-go. */
async function pemOf(
  entry: Entry<ClusterEntry | UserEntry>,
  key: PemKey,
  what: string,
  read: Reader,
): Promise<string | undefined> {
  const values = entry.value as Record<string, unknown>
  const data = values[`${key}-data`]
  if (typeof data === 'string' && data !== '') {
    const text = Buffer.from(data, 'base64').toString('utf8')
    if (!text.includes('-----BEGIN') || !text.includes(what))
      throw new Mistake(`${key}-data is not the base64 of a PEM ${what.toLowerCase()}`)
    return text
  }
  const path = values[key]
  if (typeof path !== 'string' || path === '') return undefined
  const file = await read(path, entry.folder)
  if (!file.ok) throw new Mistake(`its ${key} ${path} ${file.why}`)
  if (!file.text.includes('-----BEGIN') || !file.text.includes(what))
    throw new Mistake(`its ${key} ${path} holds no PEM ${what.toLowerCase()}`)
  return file.text
}

async function authOf({ value, folder }: Entry<UserEntry>, name: string, read: Reader): Promise<ClusterAuth> {
  // A file goes before a token beside it, as in client-go.
  if (value.tokenFile) {
    const file = await read(value.tokenFile, folder)
    if (!file.ok) throw new Mistake(`its tokenFile ${value.tokenFile} ${file.why}`)
    if (file.text.trim() === '') throw new Mistake(`its tokenFile ${value.tokenFile} is empty`)
    return {
      kind: 'token-file',
      path: value.tokenFile.startsWith('/') ? value.tokenFile : `${folder}/${value.tokenFile}`,
    }
  }
  if (value.token) return { kind: 'token', token: value.token.trim() }
  if (value.exec) {
    const { command, interactiveMode, apiVersion } = value.exec
    if (!command) throw new Mistake(`the exec plugin of user “${name}” has no command`)
    if (interactiveMode === 'Always')
      throw new Mistake(
        `the exec plugin ${command} of user “${name}” wants to ask somebody (interactiveMode: Always)`,
      )
    if (!/^client\.authentication\.k8s\.io\/v1(?:beta1)?$/.test(apiVersion ?? ''))
      throw new Mistake(
        `the exec plugin ${command} of user “${name}” has an apiVersion that no current kubectl supports`,
      )
    return { kind: 'exec', entry: value.exec, folder }
  }
  if (value.username) return { kind: 'basic', username: value.username, password: value.password ?? '' }
  if (value['auth-provider'] !== undefined && value['auth-provider'] !== null)
    throw new Mistake(
      `user “${name}” has an auth-provider, which Kubernetes removed in 1.26: use an exec plugin`,
    )
  return { kind: 'none' }
}
