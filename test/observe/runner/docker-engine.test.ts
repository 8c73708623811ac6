import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import type { EngineFact } from '../../../src/facts/runner.ts'
import { observeEngine } from '../../../src/observe/runner/docker/engine.ts'
import { observeNetworks } from '../../../src/observe/runner/docker/networks.ts'
import { type FakeResponse, useSockets } from '../../support/fake-engine.ts'

const sockets = useSockets()

const recorded = async (name: string): Promise<Record<string, unknown>> =>
  JSON.parse(await readFile(new URL(`recorded/engine-api/${name}.json`, import.meta.url), 'utf8'))

/** The observation made from a response to GET /info. */
async function observe(response: FakeResponse, podman = false) {
  const { api } = await sockets.api({ podman, respond: () => response })
  return observeEngine(api)
}

async function fact(value: Record<string, unknown>, podman = false): Promise<EngineFact> {
  const { engine } = await observe({ value }, podman)
  if (!engine.seen) throw new Error(engine.why)
  return engine.value
}

test('Docker 29 reports its firewall and its pools', async () => {
  expect(await fact(await recorded('info-1.52'))).toMatchObject({
    ...{ firewall: 'nftables', rootless: true, pools: [{ base: '10.10.0.0/16', size: 24 }] },
  })
})

test('Docker 20.10 reports no firewall and has its built-in pools: 31 networks', async () => {
  const { firewall, rootless, pools } = await fact(await recorded('info-1.41'))
  expect([firewall, rootless]).toEqual([undefined, false])
  const networks = pools.map(({ base, size }) => 2 ** (size - Number(base.split('/')[1])))
  expect(networks.reduce((sum, count) => sum + count, 0)).toBe(31)
})

test('BridgeNfIptables, which means nothing since API 1.48, is not read', async () => {
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
])('the firewall driver %s', async (Driver, firewall) => {
  expect((await fact({ FirewallBackend: { Driver } })).firewall).toBe(firewall)
})

test('Podman: no pools, and its own field for rootless', async () => {
  expect(await fact({ Rootless: true }, true)).toMatchObject({ flavour: 'podman', pools: [], rootless: true })
})

test('containers may outlive the engine with live-restore, or where it does not report that', async () => {
  const liveRestore = async (value: Record<string, unknown>) => (await observe({ value })).liveRestore
  expect(await liveRestore({ LiveRestoreEnabled: false })).toBe(false)
  expect(await liveRestore({ LiveRestoreEnabled: true })).toBe(true)
  expect(await liveRestore({})).toBe(true)
})

test('invalid fields and an error response', async () => {
  const { pools } = await fact({
    DefaultAddressPools: [null, { Base: 5 }, { Base: '10.0.0.0/8', Size: 'x' }],
  })
  expect(pools).toHaveLength(7)
  expect((await observe({ status: 500, text: 'x' })).engine).toMatchObject({
    seen: false,
    remedies: ['docker-socket'],
  })
})

test('a network of Docker 29', async () => {
  const network = await recorded('network-1.52')
  const respond = ({ path }: { path: string }): FakeResponse =>
    path === '/networks' ? { value: [{ ...network, Containers: {} }] } : { value: network }
  const { api } = await sockets.api({ min: '1.44', max: '1.52', respond })
  expect(await observeNetworks({ api, now: Date.now })).toMatchObject({
    value: [
      {
        ...{ owner: 'woodpecker', bridge: 'br-7d86d31b1478', subnets: ['172.20.0.0/16'], masquerade: true },
        ...{ endpoints: 1, addresses: ['172.20.0.2'] },
      },
    ],
  })
})
