import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createNameObserver, type WantedName } from '../../../../src/observe/path/names/names.ts'
import type { NameSources } from '../../../../src/observe/path/names/sources.ts'
import { ipv4 } from '../../../support/dns-records.ts'
import { type DnsHandler, useDnsServers } from '../../../support/dns-server.ts'

const startServers = useDnsServers()

let directory = ''
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'regguard-names-'))
})
afterAll(() => rm(directory, { recursive: true, force: true }))

const knows =
  (known: Record<string, string>): DnsHandler =>
  (name, type) => {
    const address = known[name]
    if (address === undefined) return { code: 3 }
    return { records: type === 'A' ? [ipv4(name, address)] : [] }
  }

const wanted = (...names: string[]): WantedName[] => names.map((name) => ({ name, use: 'registry' }))

/** Sources with these files; libc finds nothing. */
async function sourcesWith(files: { resolvConf?: string; hosts?: string; uplinks?: string }, port = 53) {
  const path = async (name: string, text = '') => {
    const file = join(directory, name)
    await writeFile(file, text)
    return file
  }
  const lookup = async () => {
    throw Object.assign(new Error('not found'), { code: 'ENOTFOUND' })
  }
  return {
    resolvConf: await path('resolv.conf', files.resolvConf),
    hosts: await path('hosts', files.hosts),
    uplinks: await path('uplinks', files.uplinks),
    dnsConfig: [],
    port,
    limitMs: 10_000,
    libcLimitMs: 10_000,
    lookup: lookup as unknown as NameSources['lookup'],
  }
}

async function observe(names: WantedName[], sources: Partial<NameSources>) {
  const observer = createNameObserver(new AbortController().signal, sources)
  observer.add(names)
  return observer.fact()
}

describe('a name is asked of each resolver alone', () => {
  test('in the order of resolv.conf', async () => {
    const [first] = await startServers({
      '127.0.0.7': knows({ 'registry.lan': '10.0.0.5' }),
      '127.0.0.2': knows({}),
    })
    const resolvConf = 'nameserver 127.0.0.7\nnameserver 127.0.0.2\nnameserver 127.0.0.3\n'
    const fact = await observe(wanted('registry.lan'), await sourcesWith({ resolvConf }, first?.port))
    const [name] = fact?.names ?? []
    expect(
      name?.answers.map(({ resolver, ipv4: { state, addresses }, ipv6 }) => [
        resolver,
        state,
        addresses,
        ipv6.state,
      ]),
    ).toEqual([
      ['127.0.0.7', 'found', ['10.0.0.5'], 'no-data'],
      ['127.0.0.2', 'no-such-name', [], 'no-such-name'],
      ['127.0.0.3', 'closed', [], 'closed'],
    ])
    expect(fact?.resolvers.map(({ address, layer, localhost }) => [address, layer, localhost.state])).toEqual(
      [
        ['127.0.0.7', 'configured', 'no-such-name'],
        ['127.0.0.2', 'configured', 'no-such-name'],
        ['127.0.0.3', 'configured', 'closed'],
      ],
    )
    expect(name?.libc.state).toBe('no-such-name')
  })

  test('of the first three of twenty only', async () => {
    const resolvConf = Array.from({ length: 20 }, (_, at) => `nameserver 127.0.1.${at + 1}\n`).join('')
    const fact = await observe(wanted('registry.lan'), await sourcesWith({ resolvConf }, 1))
    expect(fact?.config?.servers).toHaveLength(20)
    expect(fact?.resolvers.map(({ address }) => address)).toEqual(['127.0.1.1', '127.0.1.2', '127.0.1.3'])
  })

  test('of the servers behind Docker’s own resolver, unless it asks them from the host', async () => {
    const resolvConf = 'nameserver 127.0.0.11\n# ExtServers: [host(127.0.0.53) 127.0.0.2]\noptions ndots:0\n'
    const fact = await observe(wanted('registry.lan'), await sourcesWith({ resolvConf }, 1))
    expect(fact?.resolvers.map(({ address, layer }) => [address, layer])).toEqual([
      ['127.0.0.11', 'configured'],
      ['127.0.0.2', 'upstream'],
    ])
    expect(fact?.config).toMatchObject({ hostUpstream: ['127.0.0.53'], ndots: 0 })
  })

  test('of the uplinks of systemd-resolved behind its stub', async () => {
    const files = {
      resolvConf: 'nameserver 127.0.0.53\n',
      uplinks: 'nameserver 127.0.0.2\nnameserver 127.0.0.53\n',
    }
    const fact = await observe(wanted('registry.lan'), await sourcesWith(files, 1))
    expect(fact?.resolvers.map(({ address, layer }) => [address, layer])).toEqual([
      ['127.0.0.53', 'configured'],
      ['127.0.0.2', 'uplink'],
    ])
  })
})

test('the hosts file gives pins, and each name is asked once with all its uses', async () => {
  const [server] = await startServers({ '127.0.0.7': knows({}) })
  const sources = await sourcesWith(
    { resolvConf: 'nameserver 127.0.0.7\n', hosts: '10.0.0.9 registry.lan # pinned\n' },
    server?.port,
  )
  const names: WantedName[] = [
    { name: 'registry.lan', use: 'registry' },
    { name: 'Registry.LAN.', use: 'token' },
  ]
  const fact = await observe(names, sources)
  expect(fact?.names).toMatchObject([
    { name: 'registry.lan', uses: ['registry', 'token'], pins: ['10.0.0.9'] },
  ])
  expect(server?.asked.toSorted()).toEqual(['localhost A', 'registry.lan A', 'registry.lan AAAA'])
})

test('names with fewer dots than ndots are asked with the search domains too', async () => {
  const [server] = await startServers({ '127.0.0.7': knows({ 'registry.svc.lan': '10.0.0.5' }) })
  const resolvConf = 'nameserver 127.0.0.7\nsearch svc.lan lan\noptions ndots:1\n'
  const fact = await observe(wanted('registry', 'a.example'), await sourcesWith({ resolvConf }, server?.port))
  expect(
    fact?.names.map(({ searched }) => searched.map(({ name, ipv4: { state } }) => [name, state])),
  ).toEqual([
    [
      ['registry.svc.lan', 'found'],
      ['registry.lan', 'no-such-name'],
    ],
    [],
  ])
})

describe('a silent resolver', () => {
  test('is not waited for again', async () => {
    const [server] = await startServers({ '127.0.0.7': () => 'silence' })
    const sources = {
      ...(await sourcesWith({ resolvConf: 'nameserver 127.0.0.7\n' }, server?.port)),
      limitMs: 1000,
    }
    const names = Array.from({ length: 32 }, (_, at) => `n${at}.example`)
    const fact = await observe(wanted(...names), sources)
    expect(fact?.names.filter(({ answers }) => answers.length > 0)).toHaveLength(4)
    expect(fact?.resolvers).toMatchObject([{ localhost: { state: 'silent' } }])
  })

  test('that answers something is asked for every name', async () => {
    const [server] = await startServers({
      '127.0.0.7': (name) => (name === 'localhost' ? { code: 3 } : 'silence'),
    })
    const sources = {
      ...(await sourcesWith({ resolvConf: 'nameserver 127.0.0.7\n' }, server?.port)),
      limitMs: 1000,
    }
    const fact = await observe(
      wanted('a.example', 'b.example', 'c.example', 'd.example', 'e.example'),
      sources,
    )
    expect(fact?.names.map(({ answers }) => answers[0]?.ipv4.state)).toEqual(Array(5).fill('silent'))
  })
})

describe('libc', () => {
  test('gives addresses, without duplicates', async () => {
    const found = [
      { address: '10.0.0.5', family: 4 },
      { address: '10.0.0.5', family: 4 },
    ]
    const lookup = (async () => found) as unknown as NameSources['lookup']
    const fact = await observe(wanted('registry.lan'), { ...(await sourcesWith({})), lookup })
    expect(fact?.names[0]?.libc).toMatchObject({ state: 'found', addresses: ['10.0.0.5'] })
  })
  test('is not waited for longer than its limit', async () => {
    const lookup = (() => new Promise(() => {})) as unknown as NameSources['lookup']
    const fact = await observe(wanted('registry.lan'), {
      ...(await sourcesWith({})),
      lookup,
      libcLimitMs: 50,
    })
    expect(fact?.names[0]?.libc).toMatchObject({ state: 'silent' })
  })
  test('without an answer of a server is silent', async () => {
    const lookup = (async () => {
      throw Object.assign(new Error('again'), { code: 'EAI_AGAIN' })
    }) as unknown as NameSources['lookup']
    const fact = await observe(wanted('registry.lan'), { ...(await sourcesWith({})), lookup })
    expect(fact?.names[0]?.libc).toMatchObject({ state: 'silent' })
  })
})

test('addresses and localhost are never asked for', async () => {
  const names = wanted('10.0.0.5', '[fd00::5]', 'localhost', 'a.localhost', '')
  expect(await observe(names, await sourcesWith({ resolvConf: 'nameserver 127.0.0.7\n' }, 1))).toBeUndefined()
})

test('the servers of the files of dns_config are asked too, but not a stub', async () => {
  const [server] = await startServers({
    '127.0.0.7': knows({}),
    '127.0.0.8': knows({ 'registry.lan': '10.0.0.5' }),
  })
  const file = join(directory, 'host.conf')
  await writeFile(file, 'nameserver 127.0.0.53\nnameserver 127.0.0.8\nnameserver 127.0.0.7\n')
  const sources = await sourcesWith({ resolvConf: 'nameserver 127.0.0.7\n' }, server?.port)
  const fact = await observe(wanted('registry.lan'), { ...sources, dnsConfig: [file] })
  expect(fact?.resolvers.map(({ address, layer, from }) => [address, layer, from === file])).toEqual([
    ['127.0.0.7', 'configured', false],
    ['127.0.0.8', 'file', true],
  ])
  expect(fact?.names[0]?.answers.map(({ ipv4 }) => ipv4.state)).toEqual(['no-such-name', 'found'])
  expect(await observe([], { ...sources, dnsConfig: ['/nowhere'] })).toMatchObject({
    names: [],
    files: { problems: [{ file: '/nowhere' }] },
  })
})

test('without resolv.conf there is no configuration', async () => {
  const sources = { ...(await sourcesWith({})), resolvConf: '/nowhere/resolv.conf' }
  const fact = await observe(wanted('registry.lan'), sources)
  expect(fact).toMatchObject({ resolvers: [], names: [{ answers: [] }] })
  expect(fact).not.toHaveProperty('config')
})

test('a stopped run ends the observation', async () => {
  const stop = new AbortController()
  const lookup = (() => new Promise(() => {})) as unknown as NameSources['lookup']
  const [server] = await startServers({ '127.0.0.7': () => 'silence' })
  const sources = await sourcesWith({ resolvConf: 'nameserver 127.0.0.7\n' }, server?.port)
  const observer = createNameObserver(stop.signal, {
    ...sources,
    lookup,
    limitMs: 60_000,
    libcLimitMs: 60_000,
  })
  observer.add(wanted('registry.lan'))
  stop.abort()
  expect(await observer.fact()).toMatchObject({ names: [{ libc: { state: 'silent' } }] })
})
