import { expect, test } from 'vitest'
import check from '../../../src/checks/cluster/cluster-right-missing.ts'
import { clusterOf, faultsOf, unreadCluster } from '../../support/cluster/cluster-facts.ts'

const forbidden = { kind: 'forbidden', why: 'HTTP 403: pods is forbidden', status: 403 } as const

test('the rule and the commands for the list that was refused', () => {
  expect(
    faultsOf(check, unreadCluster({ unread: [{ resource: 'pods', failure: forbidden }] })),
  ).toMatchObject([
    {
      subject: 'pods',
      severity: 'warning',
      message: expect.stringContaining('not inspected: HTTP 403'),
      advice: expect.stringContaining('{apiGroups: [""], resources: [pods], verbs: [list]}'),
      commands: [
        'kubectl create clusterrole regguard-pods --verb=list --resource=pods',
        'kubectl create clusterrolebinding regguard-pods --clusterrole=regguard-pods --user=USER',
      ],
    },
  ])
})

test('in a namespace a Role is enough', () => {
  const unread = [{ resource: 'events', namespace: 'shop', failure: forbidden }] as const
  expect(faultsOf(check, unreadCluster({ namespaces: ['shop'], unread: [...unread] }))).toMatchObject([
    {
      subject: 'events in shop',
      commands: [
        expect.stringContaining('kubectl -n shop create role'),
        expect.stringContaining('rolebinding'),
      ],
    },
  ])
})

test('nodes are a note for those who read some namespaces only', () => {
  const unread = [{ resource: 'nodes' as const, failure: forbidden }]
  expect(faultsOf(check, unreadCluster({ namespaces: ['shop'], unread }))).toMatchObject([
    { severity: 'note' },
  ])
  expect(faultsOf(check, unreadCluster({ unread }))).toMatchObject([{ severity: 'warning' }])
})

test('with all rights there is no finding, and other failures are left to another check', () => {
  expect(faultsOf(check, clusterOf({}))).toEqual([])
  const unread = [{ resource: 'pods' as const, failure: { kind: 'timeout' as const, why: 'no answer' } }]
  expect(faultsOf(check, unreadCluster({ unread }))).toEqual([])
})
