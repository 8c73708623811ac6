import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { observeNames } from '../../../../src/observe/path/names/observe-names.ts'
import { type NameSources, systemSources } from '../../../../src/observe/path/names/sources.ts'
import { parseReference } from '../../../../src/oci/reference.ts'
import { ipv4 } from '../../../support/dns-records.ts'
import { useDnsServers } from '../../../support/dns-server.ts'

const startServers = useDnsServers()

let directory = ''
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'regguard-names-'))
})
afterAll(() => rm(directory, { recursive: true, force: true }))

/** Asks for the registry of an image of two servers, of which the second is silent for longer than a test may take. */
async function observed(more: { names?: string[]; limitMs?: number; isFailing?: boolean }) {
  const [first] = await startServers({
    '127.0.0.7': (name, type) => ({ records: type === 'A' ? [ipv4(name, '10.0.0.5')] : [] }),
    '127.0.0.2': () => 'silence',
  })
  const resolvConf = join(directory, 'resolv.conf')
  await writeFile(resolvConf, 'nameserver 127.0.0.7\nnameserver 127.0.0.2\n')
  const reference = parseReference('registry.lan/app:1')
  if (!reference.ok) throw new Error(reference.problem)
  const lookup = async () => [{ address: '10.0.0.5', family: 4 }]
  const sources: Partial<NameSources> = {
    ...systemSources,
    resolvConf,
    hosts: join(directory, 'hosts'),
    uplinks: join(directory, 'uplinks'),
    port: first?.port ?? 0,
    limitMs: more.limitMs ?? 600_000,
    lookup: lookup as unknown as NameSources['lookup'],
  }
  const signal = new AbortController().signal
  const ask = observeNames({
    plan: { targets: [{ reference: reference.value }], endpoints: [], names: more.names ?? [] },
    client: { isProxied: () => false },
    ...{ signal, sources, expectsAddresses: false },
    probe: {
      ...{ skipTlsVerify: () => false, authorities: [], certsRoot: '/nowhere', env: {} },
      ...{ userAgent: 'regguard/test', signal, now: Date.now },
    },
  })
  const path = { hosts: [], requests: 1, bytes: 0, log: [], at: 0 }
  return ask({ path, isFailing: more.isFailing ?? false })
}

test('a healthy run does not wait for a server that nothing depended on', async () => {
  expect(await observed({})).toBeUndefined()
})

test.each([
  ['that failed', { isFailing: true }],
  ['that asks for names', { names: ['other.lan'] }],
])('a run %s waits for every answer', async (_, more) => {
  const fact = await observed({ limitMs: 300, ...more })
  expect(fact?.names[0]?.answers.map(({ ipv4: { state } }) => state)).toEqual(['found', 'silent'])
})
