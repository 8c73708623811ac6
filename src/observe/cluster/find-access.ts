import { dirname, join, resolve } from 'node:path'
import type { Env } from '../../settings/sources.ts'
import type { AccessResult } from './access.ts'
import { accessOf } from './access-of.ts'
import { type Kubeconfig, mergeKubeconfigs, parseKubeconfig } from './kubeconfig-file.ts'
import { readText } from './read-text.ts'

/** Where a pod finds its service account. */
const serviceAccountFolder = '/var/run/secrets/kubernetes.io/serviceaccount'

/** What decides which cluster is read. */
export interface AccessOptions {
  /** The setting `kubeconfig`: a path, several as in KUBECONFIG, or the YAML itself. */
  kubeconfig: string | undefined
  /** The setting `kube_context`. */
  context: string | undefined
  env: Env
  /** Differs in tests only. */
  serviceAccount?: string
}

/**
 * Finds the API server as kubectl does: the setting, KUBECONFIG, `~/.kube/config`, and last the service account of a pod. A mistake in
 * what was named is an error; nothing else is tried then. Messages never hold content of a file.
 */
export async function findAccess(options: AccessOptions): Promise<AccessResult> {
  const { kubeconfig, env } = options
  if (kubeconfig !== undefined && isYaml(kubeconfig))
    return fromTexts([{ text: kubeconfig, path: '', from: 'the setting kubeconfig' }], options)
  const listed = kubeconfig ?? (env.KUBECONFIG || undefined)
  if (listed !== undefined)
    return fromFiles(
      listed.split(':').filter(Boolean),
      options,
      kubeconfig === undefined ? 'KUBECONFIG' : 'the setting kubeconfig',
    )
  const usual = env.HOME ? join(env.HOME, '.kube', 'config') : undefined
  if (usual !== undefined && (await readText(usual)).ok) return fromFiles([usual], options, usual)
  return fromServiceAccount(options)
}

const isYaml = (value: string): boolean => /[\n{]/.test(value)

async function fromFiles(paths: string[], options: AccessOptions, from: string): Promise<AccessResult> {
  const texts: { text: string; path: string; from: string }[] = []
  const missing: string[] = []
  for (const path of paths) {
    const read = await readText(path)
    if (read.ok) texts.push({ text: read.text, path: resolve(path), from: path })
    // As kubectl does: of a list, files that do not exist are passed over.
    else if (read.isMissing) missing.push(path)
    else return { ok: false, from, why: `${path} ${read.why}` }
  }
  if (texts.length > 0) return fromTexts(texts, options)
  return { ok: false, from, why: `${missing.join(' and ') || 'the file'} does not exist` }
}

function fromTexts(
  texts: { text: string; path: string; from: string }[],
  options: AccessOptions,
): Promise<AccessResult> {
  const files: Kubeconfig[] = []
  const from = texts.map((one) => one.from).join(', ')
  for (const { text, path, from: name } of texts) {
    const parsed = parseKubeconfig(text, path === '' ? '.' : dirname(path))
    if (!parsed.ok) return Promise.resolve({ ok: false, from, why: `${name} ${parsed.why}` })
    files.push(parsed.value)
  }
  return accessOf(mergeKubeconfigs(files), options.context, from, readText)
}

async function fromServiceAccount({
  env,
  context,
  serviceAccount = serviceAccountFolder,
}: AccessOptions): Promise<AccessResult> {
  const from = 'the service account of this pod'
  const {
    KUBERNETES_SERVICE_HOST: host = '',
    KUBERNETES_SERVICE_PORT_HTTPS: https,
    KUBERNETES_SERVICE_PORT: port = https ?? '443',
  } = env
  if (host === '')
    return {
      ok: false,
      from: 'nothing',
      why: 'there is no kubeconfig (the setting kubeconfig, KUBECONFIG, ~/.kube/config), and this is no pod with a service account',
    }
  if (context !== undefined)
    return {
      ok: false,
      from,
      why: `kube_context names “${context}”, but there is no kubeconfig that could have it`,
    }
  const path = join(serviceAccount, 'token')
  const token = await readText(path)
  if (!token.ok)
    return { ok: false, from, why: `${path} ${token.why}: the pod has automountServiceAccountToken: false` }
  const ca = await readText(join(serviceAccount, 'ca.crt'))
  const name = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host
  return {
    ok: true,
    value: {
      server: new URL(`https://${name}:${https ?? port}`),
      from,
      // This authority is for the API server alone.
      tls: { skipVerify: false, ...(ca.ok ? { ca: ca.text } : {}) },
      auth: { kind: 'token-file', path },
      isInside: true,
    },
  }
}
