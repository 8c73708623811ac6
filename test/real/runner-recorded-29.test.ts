import { readFile } from 'node:fs/promises'
import { request } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TableFact } from '../../src/facts/runner.ts'
import type { Engine } from '../support/engine.ts'
import { docker29Iptables, docker29Nftables, suiteForEngines } from '../support/engines.ts'
import { listedTable, recorded, savedTables } from '../support/recorded-rules.ts'
import { importToolImage, toolPrograms } from '../support/tool-image.ts'

const option = (name: string, value: string) => `--opt=com.docker.network.bridge.${name}=${value}`
const bridge1 = (...options: string[]) => [
  ['--subnet=192.0.2.0/24', option('name', 'bridge1'), ...options, 'first'],
]

/** The networks of each recording, as moby's integration/network/bridge/*doc creates them. The one with swarm is not made here. */
const kinds: Record<string, string[][]> = {
  portmap: bridge1(),
  'portmap-noicc': bridge1(option('enable_icc', 'false')),
  'portmap-natunprot': bridge1(option('gateway_mode_ipv4', 'nat-unprotected')),
  'portmap-routed': bridge1(option('gateway_mode_ipv4', 'routed')),
  internal: [
    ['--internal', '--subnet=192.0.2.0/24', option('name', 'bridgeICC'), 'first'],
    [
      ...['--internal', '--subnet=198.51.100.0/24', option('name', 'bridgeNoICC')],
      ...[option('enable_icc', 'false'), 'second'],
    ],
  ],
}

const withoutProxy = 'portmap-noproxy'

/** Chains and maps by name, without those that are empty and belong to nobody: Docker leaves an empty table raw. */
const shapeOf = (tables: TableFact[]) =>
  Object.fromEntries(
    tables
      .flatMap(({ name: table, chains, sets = [] }) => [
        ...chains.map(
          ({ name, hook, policy, rules }) => [`${table} ${name}`, { hook, policy, rules }] as const,
        ),
        ...sets.map(({ name, elements }) => [`${table} map ${name}`, elements.toSorted()] as const),
      ])
      .filter(([name]) => !/^raw (?:OUTPUT|PREROUTING)$/.test(name) || hasRules(tables, 'raw'))
      .toSorted(([one], [other]) => one.localeCompare(other)),
  )

const hasRules = (tables: TableFact[], table: string): boolean =>
  tables.some(({ name, chains }) => name === table && chains.some(({ rules }) => rules.length > 0))

suiteForEngines(
  'the recordings of Docker 29, compared with the real one',
  (kind) => {
    let engine: Engine
    beforeAll(async () => {
      engine = await kind.start({ flags: ['--default-address-pool=base=10.200.0.0/16,size=24'] })
      await importToolImage(engine)
    }, 120_000)
    afterAll(() => engine?.stop(), 120_000)

    async function real({ namespace }: Engine): Promise<TableFact[]> {
      return kind.backend === 'nftables'
        ? [listedTable(await namespace.run('nft', ['-s', 'list', 'table', 'ip', 'docker-bridges']))]
        : savedTables(await namespace.run('iptables-save', []))
    }
    const recording = async (name: string): Promise<TableFact[]> =>
      kind.backend === 'nftables'
        ? [listedTable(await recorded(`docker-29-${name}.nft`))]
        : savedTables(await recorded(`docker-29-${name}.rules`))

    /** Makes the networks of a recording, and a container unless they are internal, and compares. */
    async function compare(docker: Engine, name: string, networks: string[][]): Promise<void> {
      for (const flags of networks) await docker.docker(['network', 'create', ...flags])
      if (name !== 'internal')
        await docker.docker(['run', '-d', '--name=c1', '--network=first', '--publish=8080:80', 'tools'])
      // docker0 has another subnet than theirs.
      const own = await docker.namespace.run('sh', ['-c', "ip -4 -o addr show docker0 | awk '{print $4}'"])
      const subnet = own.replace(/\.1\/(\d+)$/, '.0/$1')
      const text = JSON.stringify(shapeOf(await real(docker))).replaceAll(subnet, '172.17.0.0/16')
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(shapeOf(await recording(name)))))
    }

    test.each(Object.entries(kinds))(
      '%s: the same chains, maps and rules',
      async (name, networks) => {
        try {
          await compare(engine, name, networks)
        } finally {
          if (name !== 'internal') await engine.docker(['rm', '-f', 'c1'])
          for (const flags of networks) await engine.docker(['network', 'rm', flags.at(-1) ?? ''])
        }
      },
      120_000,
    )

    // It is not recorded with nftables.
    test.runIf(kind.backend === 'iptables')(
      `${withoutProxy}: the same chains and rules`,
      async () => {
        const other = await kind.start({ flags: ['--userland-proxy=false'] })
        try {
          await importToolImage(other)
          await compare(other, withoutProxy, bridge1())
        } finally {
          await other.stop()
        }
      },
      120_000,
    )

    test('the answers of its API have every field of the recorded ones, with the same types', async () => {
      const id = await engine.docker(['network', 'create', 'third'])
      await engine.docker(['run', '-d', '--name=c2', '--network=third', 'tools'])
      expect(await answerOf('/info')).toMatchObject(typesOf(await recordedAnswer('info-1.52')))
      const network = await recordedAnswer('network-1.52')
      // Named by ids and subnets.
      const named = ({ Containers, Status: { IPAM }, ...rest }: Answer) => ({
        ...{ ...rest, containers: Object.values(Containers), subnets: Object.values(IPAM.Subnets) },
      })
      const types = typesOf(named(network))
      expect(named(await answerOf(`/networks/${id}`))).toMatchObject(types)
      await engine.docker(['rm', '-f', 'c2'])
    }, 120_000)

    // biome-ignore lint/suspicious/noExplicitAny: the answers of the engine's API, whose shape is what is tested
    type Answer = any

    const recordedAnswer = async (name: string): Promise<Answer> =>
      JSON.parse(
        await readFile(
          new URL(`../observe/runner/recorded/engine-api/${name}.json`, import.meta.url),
          'utf8',
        ),
      )

    const answerOf = (path: string): Promise<Answer> =>
      new Promise((resolve, reject) => {
        const asked = request({ socketPath: engine.socket, path: `/v1.52${path}` }, async (response) => {
          let text = ''
          for await (const chunk of response) text += chunk
          resolve(JSON.parse(text))
        })
        asked.on('error', reject).end()
      })
  },
  { programs: [...toolPrograms, 'nft'], kinds: [docker29Iptables, docker29Nftables] },
)

/** A value that matches others of the same types: the first item of a list stands for all. */
// biome-ignore lint/suspicious/noExplicitAny: an asymmetric matcher, or a value that holds some
function typesOf(value: unknown): any {
  if (Array.isArray(value))
    return value.length === 0 ? expect.any(Array) : expect.arrayContaining([typesOf(value[0])])
  if (value !== null && typeof value === 'object')
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, typesOf(one)]))
  return expect.any(Object(value).constructor)
}
