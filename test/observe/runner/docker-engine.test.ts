import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import type { EngineFact } from '../../../src/facts/runner.ts'
import { observeEngine } from '../../../src/observe/runner/docker/engine.ts'
import { observeNetworks } from '../../../src/observe/runner/docker/networks.ts'
import { type Answered, useSockets } from '../../support/fake-engine.ts'

const sockets = useSockets()

const recorded = async (name: string): Promise<Record<string, unknown>> =>
  JSON.parse(await readFile(new URL(`recorded/engine-api/${name}.json`, import.meta.url), 'utf8'))

/** What is made of an answer to GET /info. */
async function look(answered: Answered, podman = false) {
  const { api } = await sockets.api({ podman, answer: () => answered })
  return observeEngine(api)
}

async function fact(value: Record<string, unknown>, podman = false): Promise<EngineFact> {
  const { engine } = await look({ value }, podman)
  if (!engine.seen) throw new Error(engine.why)
  return engine.value
}

test('Docker 29 tells its firewall and its pools', async () => {
  expect(await fact(await recorded('info-1.52'))).toMatchObject({
    ...{ firewall: 'nftables', rootless: true, pools: [{ base: '10.10.0.0/16', size: 24 }] },
  })
})

test('Docker 20.10 tells no firewall, and uses the pools it was built with: 31 networks', async () => {
  const { firewall, rootless, pools } = await fact(await recorded('info-1.41'))
  expect([firewall, rootless]).toEqual([undefined, false])
  const networks = pools.map(({ base, size }) => 2 ** (size - Number(base.split('/')[1])))
  expect(networks.reduce((sum, count) => sum + count, 0)).toBe(31)
})

test('whether bridges pass the firewall is not concluded from fields that mean nothing since API 1.48', async () => {
  const info = await recorded('info-1.41')
  const without = { ...info, BridgeNfIptables: false, BridgeNfIp6tables: false }
  expect(await fact(without)).toEqual(await fact(info))
})

test.each([
  ['iptables', 'iptables'],
  ['iptables+firewalld', 'firewalld'],
  ['nftables', 'nftables'],
  ['nftables+firewalld', 'firewalld'],
  ['something new', undefined],
])('a firewall of %s', async (Driver, firewall) => {
  expect((await fact({ FirewallBackend: { Driver } })).firewall).toBe(firewall)
})

test('Podman’s pools are not known, and its word for rootless is another', async () => {
  expect(await fact({ Rootless: true }, true)).toMatchObject({ flavour: 'podman', pools: [], rootless: true })
})

test('an engine may be younger than its networks where containers outlive it, or where it does not say', async () => {
  const outlived = async (value: Record<string, unknown>) => (await look({ value })).outlived
  expect(await outlived({ LiveRestoreEnabled: false })).toBe(false)
  expect(await outlived({ LiveRestoreEnabled: true })).toBe(true)
  expect(await outlived({})).toBe(true)
})

test('nonsense in place of what it should tell', async () => {
  const { pools } = await fact({
    DefaultAddressPools: [null, { Base: 5 }, { Base: '10.0.0.0/8', Size: 'x' }],
  })
  expect(pools).toHaveLength(7)
  expect((await look({ status: 500, text: 'x' })).engine).toMatchObject({
    seen: false,
    remedies: ['docker-socket'],
  })
})

test('a network of Docker 29 with addresses that are counted', async () => {
  const network = await recorded('network-1.52')
  const answer = ({ path }: { path: string }): Answered =>
    path === '/networks' ? { value: [{ ...network, Containers: {} }] } : { value: network }
  const { api } = await sockets.api({ min: '1.44', max: '1.52', answer })
  expect(await observeNetworks({ api, now: Date.now })).toMatchObject({
    value: [
      {
        ...{ owner: 'woodpecker', bridge: 'br-7d86d31b1478', subnets: ['172.20.0.0/16'], masquerade: true },
        ...{ endpoints: 1, addresses: ['172.20.0.2'] },
      },
    ],
  })
})
