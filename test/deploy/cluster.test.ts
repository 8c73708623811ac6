import { expect, test } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { clusterResources } from '../../src/facts/cluster/rights.ts'
import { readDeployed, rejectedByWoodpecker, settingsOf, settingsOfStep } from '../support/deployed.ts'

test('the role has one rule for each list, and nothing that could change or reveal anything', async () => {
  const documents = parseAllDocuments(await readDeployed('kubernetes/cluster-rbac.yaml')).map((one) =>
    one.toJS(),
  )
  const role = documents.find(({ kind }) => kind === 'ClusterRole')
  const listed = role.rules.flatMap(({ apiGroups, resources, verbs }: Record<string, string[]>) => {
    expect(verbs).toEqual(['list'])
    return (resources ?? []).map((resource) => [resource, ...(apiGroups ?? [])])
  })
  expect(listed).toEqual(Object.entries(clusterResources).map(([resource, { group }]) => [resource, group]))
  const binding = documents.find(({ kind }) => kind === 'ClusterRoleBinding')
  const account = documents.find(({ kind }) => kind === 'ServiceAccount')
  expect(binding.roleRef.name).toBe(role.metadata.name)
  expect(binding.subjects).toEqual([
    { kind: 'ServiceAccount', name: account.metadata.name, namespace: account.metadata.namespace },
  ])
})

test('the cron job runs as that account, with the restricted standard, and ends before the next one', async () => {
  const [, account] = parseAllDocuments(await readDeployed('kubernetes/cluster-rbac.yaml')).map((one) =>
    one.toJS(),
  )
  const job = parse(await readDeployed('kubernetes/cluster-check.yaml'))
  expect(job).toMatchObject({
    kind: 'CronJob',
    spec: { schedule: '*/15 * * * *', concurrencyPolicy: 'Forbid' },
  })
  const { activeDeadlineSeconds, backoffLimit, template } = job.spec.jobTemplate.spec
  expect([backoffLimit, activeDeadlineSeconds < 15 * 60]).toEqual([0, true])
  const pod = template.spec
  expect([job.metadata.namespace, pod.serviceAccountName]).toEqual([
    account.metadata.namespace,
    account.metadata.name,
  ])
  expect(pod).toMatchObject({
    automountServiceAccountToken: true,
    securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
  })
  const [container] = pod.containers
  expect(container.securityContext).toEqual({
    ...{ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true },
    capabilities: { drop: ['ALL'] },
  })
  expect(settingsOf(container.args)).toMatchObject({ mode: 'cluster' })
})

test('the step after a deployment waits for its pulls, with the kubeconfig from a secret', async () => {
  const { steps } = parse(await readDeployed('woodpecker/cluster-gate.yaml'))
  expect(steps[1].settings).toMatchObject({
    mode: 'cluster',
    kubeconfig: { from_secret: 'kubeconfig' },
    wait: '5m',
  })
  const { kubeconfig: _, namespaces, ...plain } = steps[1].settings
  // Woodpecker joins a list with commas.
  expect(settingsOfStep({ ...plain, namespaces: namespaces.join(',') })).toMatchObject({
    mode: 'cluster',
    namespaces: ['shop'],
    wait: 300_000,
  })
})

const schemas = process.env.REGGUARD_SCHEMAS
test.skipIf(schemas === undefined)("Woodpecker's schema accepts it", async () => {
  expect(
    await rejectedByWoodpecker(schemas ?? '', await readDeployed('woodpecker/cluster-gate.yaml')),
  ).toBeNull()
})
