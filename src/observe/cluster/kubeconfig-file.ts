import { parse } from 'yaml'
import * as z from 'zod'

const text = z.string().nullish()
const flag = z.boolean().nullish()

const clusterSchema = z.object({
  server: text,
  'certificate-authority': text,
  'certificate-authority-data': text,
  'insecure-skip-tls-verify': flag,
  'tls-server-name': text,
  'proxy-url': text,
})
const execSchema = z.object({
  apiVersion: text,
  command: text,
  args: z.array(z.string()).nullish(),
  env: z.array(z.object({ name: z.string(), value: z.string() })).nullish(),
  installHint: text,
  interactiveMode: text,
  provideClusterInfo: flag,
})
const userSchema = z.object({
  token: text,
  tokenFile: text,
  username: text,
  password: text,
  'client-certificate': text,
  'client-certificate-data': text,
  'client-key': text,
  'client-key-data': text,
  exec: execSchema.nullish(),
  'auth-provider': z.unknown().optional(),
})
const contextSchema = z.object({ cluster: text, user: text, namespace: text })

const fileSchema = z.object({
  'current-context': text,
  clusters: z.array(z.object({ name: z.string(), cluster: clusterSchema.nullish() })).nullish(),
  users: z.array(z.object({ name: z.string(), user: userSchema.nullish() })).nullish(),
  contexts: z.array(z.object({ name: z.string(), context: contextSchema.nullish() })).nullish(),
})

export type ClusterEntry = z.infer<typeof clusterSchema>
export type UserEntry = z.infer<typeof userSchema>
type ContextEntry = z.infer<typeof contextSchema>
export type ExecEntry = z.infer<typeof execSchema>

/** A named entry, and the folder that its relative paths start from. */
export interface Entry<T> {
  value: T
  folder: string
}

/** Several kubeconfig files as one. */
export interface Kubeconfig {
  currentContext: string | undefined
  clusters: Map<string, Entry<ClusterEntry>>
  users: Map<string, Entry<UserEntry>>
  contexts: Map<string, Entry<ContextEntry>>
}

/** Reads one file, or says what is wrong with it, without its content. */
export function parseKubeconfig(
  content: string,
  folder: string,
): { ok: true; value: Kubeconfig } | { ok: false; why: string } {
  let document: unknown
  try {
    document = parse(content)
  } catch {
    // The message of the parser quotes the line, which may hold a token.
    return { ok: false, why: 'is not valid YAML' }
  }
  const read = fileSchema.safeParse(document)
  if (!read.success) {
    const path = read.error.issues[0]?.path.map(String).join('.') ?? ''
    return {
      ok: false,
      why: path === '' ? 'is no kubeconfig' : `is no valid kubeconfig: ${path} has the wrong type`,
    }
  }
  const { clusters, users, contexts } = read.data
  if (!clusters && !users && !contexts)
    return { ok: false, why: 'is no kubeconfig: it has neither clusters nor contexts' }
  // As in client-go, the last of two entries with one name in a file counts.
  const entries = <T>(all: [name: string, value: T | null | undefined][]): Map<string, Entry<T>> =>
    new Map(all.flatMap(([name, value]) => (value ? [[name, { value, folder }] as const] : [])))
  return {
    ok: true,
    value: {
      currentContext: read.data['current-context'] || undefined,
      clusters: entries((clusters ?? []).map(({ name, cluster }) => [name, cluster])),
      users: entries((users ?? []).map(({ name, user }) => [name, user])),
      contexts: entries((contexts ?? []).map(({ name, context }) => [name, context])),
    },
  }
}

/** Of files in a list, the first that has an entry counts (kubernetes.io, "Merging kubeconfig files"). */
export function mergeKubeconfigs(files: readonly Kubeconfig[]): Kubeconfig {
  const merged = <T>(of: (file: Kubeconfig) => Map<string, Entry<T>>) =>
    new Map(files.toReversed().flatMap((file) => [...of(file)]))
  return {
    currentContext: files.find(({ currentContext }) => currentContext !== undefined)?.currentContext,
    clusters: merged(({ clusters }) => clusters),
    users: merged(({ users }) => users),
    contexts: merged(({ contexts }) => contexts),
  }
}
