import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { type ClusterResource, clusterResources } from '../../../src/facts/cluster/rights.ts'
import {
  createAccount,
  grant,
  type Rule,
  replaceRules,
  roleOf,
  tokenOf,
  untilAllowed,
  userOf,
} from '../../support/cluster/accounts.ts'
import {
  applyAll,
  create,
  customResources,
  installDefinitions,
  namespace,
  writeCustom,
} from '../../support/cluster/api-objects.ts'
import {
  type ApiServer,
  adminToken,
  startApiServer,
  suiteWithApiServer,
} from '../../support/cluster/api-server.ts'
import { fetchFailed, fluxItem } from '../../support/cluster/flux-objects.ts'
import { backOff, eventOf, failedPull, nodeOf, podOf } from '../../support/cluster/objects.ts'
import { reportCluster } from '../../support/cluster/read-cluster.ts'
import { externalSecret } from '../../support/cluster/secret-objects.ts'
import { readDeployed } from '../../support/deployed.ts'
import { findProgram } from '../../support/need.ts'

const denied =
  'unexpected status from HEAD request to https://registry.example.com/v2/team/app/manifests/1.2: 403 Forbidden'

const resources = Object.keys(clusterResources) as ClusterResource[]
const listOf = (resource: ClusterResource): string => {
  const { group } = clusterResources[resource]
  if (group === '') return `/api/v1/${resource}`
  return `/apis/${group}/${group.startsWith('helm') ? 'v2' : 'v1'}/${resource}`
}

suiteWithApiServer(describe)(
  'the rights of deploy/kubernetes/cluster-rbac.yaml, by the authorizer',
  async () => {
    const yaml = await readDeployed('kubernetes/cluster-rbac.yaml')
    const { rules, role, account } = roleOf(parseAllDocuments(yaml).map((one) => one.toJS()))
    const [name, space] = account
    let [api, token, folder]: [ApiServer, string, string] = [undefined as never, '', '']

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'regguard-rights-'))
      api = await startApiServer()
      await installDefinitions(api)
      await namespace(api, 'shop')
      await namespace(api, 'flux-system')
      // A cluster of which everything is asked: a pull that is refused with a pull secret, one that began, a source that failed.
      await create(api, { apiVersion: 'v1', kind: 'Node', ...nodeOf('node-1') })
      const pods = [
        podOf({ name: 'a', waiting: backOff(denied), pullSecrets: ['regcred'] }),
        podOf({ name: 'b', waiting: { reason: 'ContainerCreating' } }),
      ]
      for (const pod of pods) await create(api, { apiVersion: 'v1', kind: 'Pod', ...pod })
      const event = eventOf({ pod: 'a', message: failedPull(denied) })
      await create(api, { apiVersion: 'v1', kind: 'Event', ...event })
      const source = fluxItem('app', { artifact: true, conditions: fetchFailed() })
      await writeCustom(api, { kind: 'OCIRepository', item: source })
      await writeCustom(api, { kind: 'ExternalSecret', item: externalSecret('regcred', 'False') })
      await applyAll(api, yaml)
      token = await tokenOf(api, name, space)
      for (const one of resources) await untilAllowed(api, token, listOf(one), true)
    })
    afterAll(async () => {
      await api?.stop()
      await rm(folder, { recursive: true, force: true })
    })

    const read = (settings: Record<string, string> = { gates: 'secrets' }, as = token) =>
      reportCluster(api.kubeconfig({ token: as }), settings)
    const missing = (report: Awaited<ReturnType<typeof read>>) =>
      report.cluster?.notInspected.map(({ resource }) => resource)
    const without = (resource: string): Rule[] =>
      rules
        .map((rule) => ({ ...rule, resources: rule.resources.filter((one) => one !== resource) }))
        .filter((rule) => rule.resources.length > 0)

    test('are enough', async () => {
      const report = await read()
      expect(missing(report)).toEqual([])
      expect(report.causes.map(({ id }) => id).toSorted()).toEqual([
        ...['external-secret-failing', 'flux-source-cached', 'pull-refused'],
      ])
      expect(report.exitCode).toBe(1)
    })

    test('are all used, and nothing else is asked but discovery', async () => {
      const asked = await api.requestsOf(userOf(name, space))
      const used = asked.filter(({ objectRef, verb }) => objectRef?.resource && verb !== 'get')
      const rights = new Set(
        used.map(({ verb, objectRef: of }) => `${verb} ${of?.apiGroup ?? ''}/${of?.resource}`),
      )
      const granted = rules.flatMap(({ apiGroups, resources, verbs }) =>
        verbs.flatMap((verb) =>
          apiGroups.flatMap((group) => resources.map((one) => `${verb} ${group}/${one}`)),
        ),
      )
      expect([...rights].toSorted()).toEqual(granted.toSorted())
      const others = asked.filter(({ objectRef }) => !objectRef?.resource).map(({ requestURI }) => requestURI)
      expect(new Set(others)).toEqual(
        new Set(['/version', ...new Set(customResources.map(({ group }) => `/apis/${group}`))]),
      )
      expect(used.length + others.length).toBe(asked.length)
    })

    test.each(resources)(
      'without %s, that is not inspected, and the rule that is named permits it',
      async (one) => {
        await replaceRules(api, role, without(one))
        await untilAllowed(api, token, listOf(one), false)
        const report = await read()
        expect(missing(report)).toEqual([one])
        expect(report.exitCode).not.toBe(0)
        const [right] = report.cluster?.notInspected ?? []
        await replaceRules(api, role, [...without(one), parse(right?.rule ?? '')])
        await untilAllowed(api, token, listOf(one), true)
        expect(missing(await read())).toEqual([])
      },
    )

    const kubectl = findProgram('kubectl')
    test.skipIf(kubectl === undefined)('the commands that a finding names permit it', async () => {
      await createAccount(api, 'new', 'shop')
      const own = await tokenOf(api, 'new', 'shop')
      const config = join(folder, 'admin')
      await writeFile(config, api.kubeconfig({ token: adminToken }))
      const report = await read({ gates: 'secrets' }, own)
      expect(missing(report)?.toSorted()).toEqual(resources.toSorted())
      expect(report.exitCode).toBe(3)
      const commands = report.causes.flatMap(({ commands = [] }) => commands)
      expect(commands).toHaveLength(2 * resources.length)
      for (const command of commands) {
        const [, ...words] = command.replace('USER', userOf('new', 'shop')).split(' ')
        await execa(kubectl ?? '', ['--kubeconfig', config, '--cache-dir', join(folder, 'cache'), ...words])
      }
      for (const one of resources) await untilAllowed(api, own, listOf(one), true)
      expect(missing(await read({ gates: 'secrets' }, own))).toEqual([])
    })

    test('in one namespace a Role of the same rules is enough, and nodes are a note', async () => {
      await createAccount(api, 'shop-only', 'shop')
      await grant(api, ['shop-only', 'shop'], without('nodes'), 'shop')
      const own = await tokenOf(api, 'shop-only', 'shop')
      await untilAllowed(api, own, '/api/v1/namespaces/shop/pods', true)
      const report = await read({ gates: 'secrets', namespaces: 'shop' }, own)
      expect(missing(report)).toEqual(['nodes'])
      expect(report.causes.find(({ id }) => id === 'cluster-right-missing')?.severity).toBe('note')
      const elsewhere = await read({ namespaces: 'shop,flux-system' }, own)
      expect(elsewhere.cluster?.notInspected).toContainEqual(
        expect.objectContaining({ resource: 'pods', namespace: 'flux-system' }),
      )
    })

    test('a cluster that refuses discovery is read all the same', async () => {
      const binding = '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/system:discovery'
      await api.must(binding, { method: 'DELETE' })
      await untilAllowed(api, token, '/apis/helm.toolkit.fluxcd.io', false)
      const report = await read()
      expect(missing(report)).toEqual([])
      expect(report.cluster?.flux?.counts.sources).toBe(1)
    })
  },
)
