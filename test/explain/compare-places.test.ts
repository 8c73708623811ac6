import { expect, test } from 'vitest'
import { compareViews, type View } from '../../src/explain/compare.ts'
import type { Relation } from '../../src/explain/compare-places.ts'
import { answeredAttempt, endpointLeg, failedAttempt } from '../support/legs.ts'

const works = endpointLeg('ghcr.io', { '203.0.113.1': [answeredAttempt()] })
const stalls = endpointLeg('ghcr.io', { '203.0.113.1': [failedAttempt('tls-timeout', 'tls')] })

const place = (vantage: string, leg: typeof works, gateway?: string, addresses: string[] = []): View => ({
  ...{ vantage, legs: [leg], at: 0 },
  machine: { device: 'eth0', addresses, resolvers: [], ...(gateway === undefined ? {} : { gateway }) },
})
const relations = (...views: View[]): Relation[] => compareViews(views)[0]?.relations ?? []

const [router, bridge] = ['192.0.2.1', '10.0.0.1']
const hypervisor = (leg: typeof works) => place('pve1', leg, router, ['192.0.2.10', bridge])

test('machines that leave through one that gets through: what lies between is at fault', () => {
  expect(
    relations(
      place('vm1', stalls, bridge, ['10.0.0.21']),
      place('vm2', stalls, bridge, ['10.0.0.22']),
      hypervisor(works),
    ),
  ).toEqual([{ kind: 'through', through: 'pve1', address: bridge, from: ['vm1', 'vm2'] }])
})

test('a machine on a bridge with its hypervisor: the router that both use is not at fault', () => {
  expect(relations(place('vm1', stalls, router, ['192.0.2.21']), hypervisor(works))).toEqual([
    { kind: 'same-router', router, from: ['vm1'], others: ['pve1'] },
  ])
  const ipv6 = ['fd00:0:0:1::1', 'fd00:0:0:1::21', 'fd00:0:0:1::22'] as const
  expect(
    relations(place('a', stalls, ipv6[0], [ipv6[1]]), place('b', works, ipv6[0], [ipv6[2]])),
  ).toMatchObject([{ kind: 'same-router', router: ipv6[0] }])
})

test('one address of a router is that of many networks', () => {
  const elsewhere = place('office', works, router, ['198.51.100.7'])
  expect(relations(place('vm1', stalls, router, ['192.0.2.21']), elsewhere)).toEqual([])
})

test('where all fail, the one router by which all leave, also through each other', () => {
  const vm = (at: number) => place(`vm${at}`, stalls, bridge, [`10.0.0.2${at}`])
  expect(relations(vm(1), vm(2), hypervisor(stalls))).toEqual([{ kind: 'all-by', router }])
  expect(relations(vm(1), vm(2))).toEqual([{ kind: 'all-by', router: bridge }])
  expect(relations(vm(1), place('office', stalls, '198.51.100.1', ['198.51.100.7']))).toEqual([])
})

test('nothing is said where nothing fails, or reports do not have their way out', () => {
  expect(relations(place('a', works, router), hypervisor(works))).toEqual([])
  const bare = (vantage: string, leg: typeof works): View => ({ vantage, legs: [leg], at: 0 })
  expect(relations(bare('a', stalls), bare('b', works))).toEqual([])
  expect(relations(bare('a', stalls), bare('b', stalls))).toEqual([])
})
