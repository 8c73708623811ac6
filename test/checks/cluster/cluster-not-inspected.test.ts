import { expect, test } from 'vitest'
import check from '../../../src/checks/cluster/cluster-not-inspected.ts'
import { clusterOf, faultsOf, unreadCluster } from '../../support/cluster/cluster-facts.ts'

test('a mistake in the kubeconfig is told in its own words', () => {
  const failure = { of: 'config', why: 'kubeconfig: no current-context' } as const
  expect(faultsOf(check, unreadCluster({ server: '', from: 'kubeconfig', failure }))).toMatchObject([
    {
      subject: 'kubeconfig',
      severity: 'error',
      message: 'kubeconfig: no current-context',
      advice: expect.stringContaining('setting kubeconfig'),
    },
  ])
})

test('credentials that are refused are told from a server that is gone', () => {
  const of = (kind: 'unauthorized' | 'unreachable') =>
    faultsOf(check, unreadCluster({ failure: { of: 'api', kind, why: 'x' } }))[0]?.advice
  expect(of('unauthorized')).toContain('Renew the credentials')
  expect(of('unreachable')).toContain('reaches the API server')
})

test('a list that broke off is a warning, and a right that is missing is left to another check', () => {
  const unread = [
    { resource: 'events', failure: { kind: 'expired', why: 'HTTP 410', status: 410 } },
    { resource: 'pods', namespace: 'shop', failure: { kind: 'forbidden', why: 'HTTP 403', status: 403 } },
  ] as const
  expect(faultsOf(check, unreadCluster({ unread: [...unread] }))).toMatchObject([
    { subject: 'events', severity: 'warning', message: 'HTTP 410' },
  ])
})

test('a cluster that was read has no finding', () => {
  expect(faultsOf(check, clusterOf({}))).toEqual([])
})
