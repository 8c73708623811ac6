import { expect, test } from 'vitest'
import { planOf, plugin, problemsIn, settingsIn } from './settings.ts'

const problems = (given: Record<string, string>) =>
  problemsIn(plugin(given)).map(({ setting, message }) => `${setting} ${message}`)

test('mode: cluster also verifies the images that pods wait for, and requires the cluster alone', () => {
  const { checks, require } = settingsIn(plugin({ mode: 'cluster' }))
  expect({ checks, require }).toEqual({
    checks: ['image', 'registry', 'path', 'cluster'],
    require: ['cluster'],
  })
})

test('the images of a pasted step are left out, and nothing is skipped for them', () => {
  const plan = planOf({ mode: 'cluster', repo: 'a.b/c', tags: '1', push: 'false' })
  expect(plan.targets).toEqual([])
  expect(plan.skipReason).toBeUndefined()
})

test('its settings are refused in other modes', () => {
  for (const [name, value] of Object.entries({
    kubeconfig: '/x',
    kube_context: 'prod',
    namespaces: 'shop',
    wait: '5m',
    gates: 'secrets',
    nodes: 'true',
    probe_namespace: 'probes',
  }))
    expect(problems({ repo: 'a.b/c', [name]: value })).toEqual([`${name} is only for mode: cluster`])
})

test('a cluster is checked in its own mode only', () => {
  for (const name of ['checks', 'require'])
    expect(problems({ repo: 'a.b/c', [name]: 'image,cluster' })).toEqual([
      `${name} names the cluster, which only mode: cluster inspects`,
    ])
})

test('settings that name something else to inspect are refused', () => {
  expect(problems({ mode: 'cluster', storage: '/x' })).toEqual(['storage is not for mode: cluster'])
  expect(problems({ mode: 'cluster', checks: 'image' })).toEqual(['checks is not for mode: cluster'])
})

test('namespaces have to be names of namespaces', () => {
  expect(problems({ mode: 'cluster', namespaces: 'shop,../secrets' })).toEqual([
    'namespaces is no name of a namespace',
  ])
})

test('a wait that the timeout would cut is refused', () => {
  expect(problems({ mode: 'cluster', wait: '15m' })).toEqual([
    'wait must be shorter than timeout, which would end the run before',
  ])
  expect(problems({ mode: 'cluster', wait: '15m', timeout: '20m' })).toEqual([])
})

test('the context of a build is none of a kubeconfig', () => {
  expect(problems({ repo: 'a.b/c', context: '.' })).toEqual([])
  expect(settingsIn(plugin({ mode: 'cluster', context: '.' })).kube_context).toBeUndefined()
})

test('the namespace of the probes is for nodes alone, and the name of a namespace', () => {
  expect(problems({ mode: 'cluster', probe_namespace: 'probes' })).toEqual([
    'probe_namespace is not used without nodes',
  ])
  expect(problems({ mode: 'cluster', nodes: 'true', probe_namespace: '../x' })).toEqual([
    'probe_namespace is no name of a namespace',
  ])
  expect(problems({ mode: 'cluster', nodes: 'true', probe_namespace: 'probes' })).toEqual([])
})
