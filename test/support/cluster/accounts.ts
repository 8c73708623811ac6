import type { KubernetesObject } from '../kubernetes.ts'
import { until } from '../until.ts'
import { namespace } from './api-objects.ts'
import type { ApiServer } from './api-server.ts'

const rbac = '/apis/rbac.authorization.k8s.io/v1'

/** A rule of a role. */
export interface Rule {
  apiGroups: string[]
  resources: string[]
  verbs: string[]
}

/** The token of a service account, by the API that kubelet asks as well. */
export async function tokenOf(api: ApiServer, account: string, space: string): Promise<string> {
  const path = `/api/v1/namespaces/${space}/serviceaccounts/${account}/token`
  const { body } = await api.must(path, {
    ...{ method: 'POST', body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} } },
  })
  return body.status.token
}

/** The name that the API server knows a service account by. */
export const userOf = (account: string, space: string): string => `system:serviceaccount:${space}:${account}`

export async function createAccount(api: ApiServer, name: string, space: string): Promise<void> {
  await namespace(api, space)
  const body = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name } }
  await api.must(`/api/v1/namespaces/${space}/serviceaccounts`, { method: 'POST', body })
}

/** Gives an account the rules: in a namespace, or in the whole cluster. */
export async function grant(
  api: ApiServer,
  [account, space]: [account: string, space: string],
  rules: Rule[],
  within?: string,
): Promise<void> {
  const [role, place] = within ? ['Role', `${rbac}/namespaces/${within}`] : ['ClusterRole', rbac]
  const post = (plural: string, body: object) =>
    api.must(`${place}/${plural.toLowerCase()}`, {
      ...{ method: 'POST', body: { apiVersion: 'rbac.authorization.k8s.io/v1', ...body } },
    })
  await post(`${role}s`, { kind: role, metadata: { name: account }, rules })
  await post(`${role}Bindings`, {
    ...{ kind: `${role}Binding`, metadata: { name: account } },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: role, name: account },
    subjects: [{ kind: 'ServiceAccount', name: account, namespace: space }],
  })
}

/** Replaces the rules of a role of the cluster. */
export async function replaceRules(api: ApiServer, role: string, rules: Rule[]): Promise<void> {
  const { body } = await api.must(`${rbac}/clusterroles/${role}`)
  await api.must(`${rbac}/clusterroles/${role}`, { method: 'PUT', body: { ...body, rules } })
}

/** Waits until the authorizer, which watches roles, answers so. */
export const untilAllowed = (api: ApiServer, token: string, path: string, allowed: boolean) =>
  until(`${path} is ${allowed ? 'permitted' : 'refused'}`, async () => {
    const { status } = await api.ask(path, { as: { token } })
    return (status !== 403) === allowed
  })

/** The role of a file of `deploy/`, and the account that it is bound to. */
export function roleOf(documents: KubernetesObject[]): {
  rules: Rule[]
  role: string
  account: [string, string]
} {
  const of = (kind: string) => documents.find((one) => one.kind === kind)
  const { name, namespace: space } = of('ClusterRoleBinding')?.subjects[0] ?? {}
  return { rules: of('ClusterRole')?.rules, role: of('ClusterRole')?.metadata.name, account: [name, space] }
}
