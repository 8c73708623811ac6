import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { HostView, TableFact } from '../../src/facts/runner.ts'
import type { Engine } from '../support/engine.ts'
import { suiteForEngines } from '../support/engines.ts'
import { startClients, startService } from '../support/host-services.ts'
import {
  inspectHost,
  inspectHostFromContainer,
  inspectHostWhile,
  seenValue,
  watchedIn,
} from '../support/inspect-host.ts'
import { startProgram } from '../support/program.ts'
import { importToolImage, toolPrograms } from '../support/tool-image.ts'

suiteForEngines(
  'the host of a real engine',
  (kind) => {
    let engine: Engine
    beforeAll(async () => {
      engine = await kind.start()
      await importToolImage(engine)
      await engine.docker(['network', 'create', 'one'])
      await engine.docker(['network', 'create', '--internal', 'inner'])
      await engine.docker([
        'run',
        '-d',
        '--network',
        'one',
        '-p',
        '127.0.0.1:8080:80',
        'tools',
        'sleep',
        '600',
      ])
    }, 120_000)
    afterAll(() => engine?.stop(), 120_000)

    const shell = (command: string) => engine.namespace.run('sh', ['-c', command])
    const lines = async (command: string) => (await shell(command)).split('\n').filter(Boolean)
    /** Every rule as iptables-save prints it, sorted. */
    const rulesOf = ({ tables }: { tables: TableFact[] }, backend: TableFact['backend'], family = 'ip') =>
      tables
        .filter((table) => table.backend === backend && table.family === family)
        .flatMap(({ name, chains }) =>
          chains.flatMap((chain) => chain.rules.map((rule) => `${name} ${chain.name} ${rule}`)),
        )
        .toSorted()
    /** The same, read with awk. */
    const saved = (program: string) =>
      lines(
        `${program} | awk '/^\\*/ {table = substr($1, 2)} /^-A/ {sub(/^-A /, ""); print table " " $0}' | LC_ALL=C sort`,
      )

    test('everything in its namespace, as other programs show it', async () => {
      const view = await inspectHost(engine.namespace)
      const links = seenValue(view.links)
      expect(links.map(({ name }) => name).toSorted()).toEqual(
        await lines(`awk -F: 'NR > 2 {gsub(/ /, "", $1); print $1}' /proc/net/dev | LC_ALL=C sort`),
      )
      const bridges = links.filter(({ kind }) => kind === 'bridge').map(({ name }) => name)
      expect(bridges.toSorted()).toEqual(
        await lines(`ip -o link show type bridge | awk '{sub(/:/, "", $2); print $2}' | LC_ALL=C sort`),
      )

      const rules = seenValue(view.rules)
      expect(rulesOf(rules, 'nft')).toEqual(await saved('iptables-nft-save'))
      expect(rules).toMatchObject({ truncated: false, unread: [], writers: [] })

      const { routes, local } = seenValue(view.routes)
      expect(
        routes
          .filter(({ destination }) => destination.includes('.'))
          .map(({ destination, device }) => `${destination} ${device}`)
          .toSorted(),
      ).toEqual(await lines(`ip -4 route | awk '{print $1 " " $3}' | LC_ALL=C sort`))
      for (const address of await lines(`ip -o -4 addr | awk '{sub("/.*", "", $4); print $4}'`))
        expect(local).toContain(address)

      const { sockets } = seenValue(view.listeners)
      const published = sockets.find(({ port }) => port === 8080)
      expect(published).toMatchObject({
        address: '127.0.0.1',
        queue: { waiting: 0 },
        program: 'docker-proxy',
      })
      expect(sockets).toHaveLength((await lines('ss -ltnH')).length)
      expect(seenValue(view.conntrack).count).toBeLessThan(seenValue(view.conntrack).max)
      expect(view.namespace).toBe('daemon')
    })

    test('observing changes nothing, not even while watching', async () => {
      const state = () =>
        shell(
          'iptables-nft-save; ip6tables-nft-save; nft -s list ruleset 2>&1; ip -4 addr; ip route; cat /proc/net/ip_tables_names',
        )
      // Without timestamps and the counters of chain policies.
      const timeless = (text: string) => text.replace(/^# (?:Generated|Completed).*$|\[\d+:\d+\]$/gm, '')
      const before = timeless(await state())
      await inspectHost(engine.namespace, { windowMs: 500 })
      expect(timeless(await state())).toBe(before)
    })

    test('from a container on the host network without CAP_NET_ADMIN: everything but rules', async () => {
      const view = await inspectHostFromContainer(engine, ['--network', 'host'], { namespace: 'daemon' })
      expect(seenValue(view.links).filter(({ kind }) => kind === 'bridge')).toHaveLength(3)
      expect(view.rules).toMatchObject({
        seen: false,
        why: 'CAP_NET_ADMIN is missing',
        remedies: ['host-snapshot', 'net-admin'],
      })
      expect(view.listeners.seen).toBe(true)
    })

    test('the same with only CAP_NET_ADMIN: the rules too', async () => {
      const flags = ['--network', 'host', '--cap-drop', 'ALL', '--cap-add', 'NET_ADMIN', '--read-only']
      const view = await inspectHostFromContainer(engine, [...flags, '--security-opt', 'no-new-privileges'], {
        namespace: 'daemon',
      })
      expect(rulesOf(seenValue(view.rules), 'nft')).toEqual(await saved('iptables-nft-save'))
      expect(seenValue(view.rules).unread).toEqual([])
    })

    test('a user without privileges: links, routes and sockets, no rules', async () => {
      const view = await inspectHostFromContainer(engine, ['--network', 'host', '--user', '1000:1000'], {
        namespace: 'daemon',
      })
      expect(view.rules.seen).toBe(false)
      for (const area of ['links', 'routes', 'listeners', 'conntrack', 'pressure'] as const)
        expect(view[area].seen, area).toBe(true)
    })

    test('with only the host’s processes: names, routes, sockets and programs of the machine', async () => {
      const view = await inspectHostFromContainer(engine, ['--pid', 'host', '--user', '1000:1000'], {
        hostPid: true,
      })
      const machine = (await execa('cat', ['/proc/1/net/dev'])).stdout
      for (const { name } of seenValue(view.links)) expect(machine).toContain(`${name}:`)
      expect(view).toMatchObject({
        links: { from: '/proc/1/net/dev' },
        routes: { seen: true, from: '/proc/1/net/route' },
        listeners: { seen: true, from: '/proc/1/net/tcp' },
        namespace: 'initial',
        rules: { seen: false, remedies: ['host-snapshot'] },
      })
      expect(seenValue(view.programs)).toContain('dockerd')
    })

    test('connections that the kernel dropped at a full queue, by how many', async () => {
      // One may wait in a queue of 0; who comes later is dropped at the final ACK, again at each repetition.
      const frozen = await startService(engine.namespace, 4321, { backlog: 1 })
      frozen.freeze()
      let clients: { stop(): Promise<void> } | undefined
      const view = await inspectHostWhile(engine.namespace, 4000, async () => {
        clients = await startClients(engine.namespace, 4321, 6)
      }).finally(() => Promise.all([clients?.stop(), frozen.stop()]))
      const { drops, sockets } = seenValue(view.listeners)
      expect(drops).toBeGreaterThan(0)
      expect(sockets.find(({ port }) => port === 4321)?.queue).toEqual({ waiting: 2, limit: 1 })
    })

    test('a stopped run ends at once, with partial results', async () => {
      const options = JSON.stringify({ windowMs: 600_000 })
      const look = await startProgram(
        [
          ...['nsenter', `--net=${engine.namespace.path}`, process.execPath],
          ...['test/support/observe-host.ts', options],
        ],
        { ready: () => watchedIn(engine.namespace) },
      )
      await look.stop()
      const view = JSON.parse(look.stdout()) as HostView
      expect(view.pressure.seen).toBe(true)
    })
  },
  { programs: [...toolPrograms, 'setpriv', 'tar'] },
)
