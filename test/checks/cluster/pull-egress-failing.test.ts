import { expect, test } from 'vitest'
import check from '../../../src/checks/cluster/pull-egress-failing.ts'
import nodePath from '../../../src/checks/cluster/pull-node-path.ts'
import { clusterOf, faultsOf } from '../../support/cluster/cluster-facts.ts'
import { backOff, podOf, resolveError } from '../../support/cluster/objects.ts'

/** Incident D: registries that have nothing in common stall in the TLS handshake, from the nodes of one hypervisor. */
const waitsFor = (image: string, node: string, tail = 'net/http: TLS handshake timeout') =>
  podOf({ image, node, waiting: backOff(resolveError(tail, image), image) })
const hosts = ['ghcr.io', 'quay.io', 'registry.k8s.io']
const incident = hosts.flatMap((host) =>
  ['node-1', 'node-2'].map((node) => waitsFor(`${host}/team/app:1`, node)),
)

test('unrelated hosts that fail in one phase on the same nodes are one cause: their egress', () => {
  const faults = faultsOf(check, clusterOf({ pods: incident }))
  expect(faults).toMatchObject([
    {
      subject: 'node-1, node-2',
      severity: 'error',
      title: expect.stringContaining('Egress of these nodes'),
      message: '3 hosts at one phase, tls: TLS handshake timed out (ghcr.io, quay.io, registry.k8s.io)',
    },
  ])
  expect(faults[0]?.evidence).toHaveLength(3)
  expect(faultsOf(nodePath, clusterOf({ pods: incident }))).toEqual([])
})

test('for names it is their DNS, and pods are told to ask another chain', () => {
  const pods = hosts.map((host) =>
    waitsFor(`${host}/a/b:1`, 'node-1', `dial tcp: lookup ${host} on 10.0.0.53:53: server misbehaving`),
  )
  expect(faultsOf(check, clusterOf({ pods }))).toMatchObject([
    { title: expect.stringContaining('DNS of these nodes') },
  ])
})

test('one host, or hosts of one domain, are no egress fault', () => {
  const pods = ['a.example.com', 'b.example.com'].map((host) => waitsFor(`${host}/a/b:1`, 'node-1'))
  expect(faultsOf(check, clusterOf({ pods }))).toEqual([])
})

test('hosts that fail in different phases, or on different nodes, are not one fault', () => {
  const phases = [
    waitsFor('ghcr.io/a/b:1', 'node-1'),
    waitsFor('quay.io/a/b:1', 'node-1', 'dial tcp 192.0.2.1:443: i/o timeout'),
  ]
  expect(faultsOf(check, clusterOf({ pods: phases }))).toEqual([])
  const nodes = [waitsFor('ghcr.io/a/b:1', 'node-1'), waitsFor('quay.io/a/b:1', 'node-2')]
  expect(faultsOf(check, clusterOf({ pods: nodes }))).toEqual([])
})

test('hosts that refuse alike have no path in common', () => {
  const pods = hosts.map((host) =>
    waitsFor(`${host}/a/b:1`, 'node-1', 'dial tcp 192.0.2.1:443: connect: connection refused'),
  )
  expect(faultsOf(check, clusterOf({ pods }))).toEqual([])
})
