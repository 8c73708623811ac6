import { afterAll, beforeAll, expect, test } from 'vitest'
import { removeLeftovers } from '../../src/observe/runner/docker/leftovers.ts'
import { openEngine } from '../../src/observe/runner/docker/socket.ts'
import type { Engine } from '../support/engine.ts'
import { docker20, docker29Iptables, suiteForEngines } from '../support/engines.ts'
import { insideArguments, inspectInside } from '../support/inspect-inside.ts'
import { importToolImage, toolPrograms } from '../support/tool-image.ts'
import { until } from '../support/until.ts'

/** Replaces regguard's subcommand: prints its privileges and what it sees, or misbehaves as BEHAVIOUR says. */
const program = `#!/usr/local/bin/node
const { readFileSync, openSync, readSync, writeFileSync } = require('node:fs')
const { spawnSync } = require('node:child_process')
const behaviour = process.env.BEHAVIOUR
const attempt = (action) => { try { return action() } catch (error) { return error.code } }
if (behaviour === 'fail') {
  console.error('no luck today')
  process.exit(3)
}
if (behaviour === 'hang') setInterval(() => {}, 1000)
else setTimeout(() => {
  const unseen = { seen: false, why: '', remedies: [], applies: true }
  const areas = ['links', 'rules', 'routes', 'kernel', 'conntrack', 'pressure', 'programs', 'churn', 'listeners']
  const saw = {
    arguments: process.argv.slice(2),
    status: readFileSync('/proc/self/status', 'utf8'),
    links: readFileSync('/proc/net/dev', 'utf8'),
    nft: spawnSync('iptables-nft-save').stdout.toString(),
    legacy: spawnSync('iptables-legacy-save').status,
    kernelLog: attempt(() => readSync(openSync('/dev/kmsg', 'r'), Buffer.alloc(16384)) > 0),
    kernelThread: attempt(() => readFileSync('/proc/2/comm', 'utf8')),
    wrote: attempt(() => writeFileSync('/tmp/x', '')),
    environment: Object.keys(process.env),
  }
  const view = Object.fromEntries(areas.map((area) => [area, unseen]))
  console.log(JSON.stringify({ ...view, namespace: 'daemon', rules: { ...unseen, why: JSON.stringify(saw) } }))
}, behaviour === 'slow' ? 3000 : 0)
`

interface Saw {
  arguments: string[]
  status: string
  links: string
  nft: string
  legacy: number
  kernelLog: boolean | string
  kernelThread: string
  wrote?: string
  environment: string[]
}

suiteForEngines(
  'a snapshot of the host by a sibling',
  (kind) => {
    let engine: Engine
    beforeAll(async () => {
      engine = await kind.start()
      const own = [
        ...['LABEL org.opencontainers.image.title=regguard', 'USER 65532:65532'],
        ...['ENTRYPOINT ["/usr/bin/regguard-plugin"]', 'CMD []'],
      ]
      await importToolImage(engine, {
        name: 'regguard',
        changes: own,
        files: { '/usr/bin/regguard-plugin': program },
      })
      const id = await engine.docker(['create', 'regguard'])
      for (const behaviour of ['slow', 'fail', 'hang'])
        await engine.docker(['commit', '--change', `ENV BEHAVIOUR=${behaviour}`, id, `regguard:${behaviour}`])
      await engine.docker(['rm', id])
      await engine.docker(['network', 'create', 'wp_01_0_default'])
    })
    afterAll(() => engine?.stop(), 120_000)

    const inside = (image: string, snapshotMs = 5000) => ({
      image,
      snapshotMs,
      socket: true,
      flags: ['--user', '0'],
    })

    /** All siblings, in any state. */
    const siblings = async () =>
      (await engine.docker(['ps', '-aq', '--no-trunc', '--filter', 'label=regguard=snapshot']))
        .split('\n')
        .filter(Boolean)

    /** Waits until a sibling runs, and gives its id. */
    const running = () =>
      until('a sibling runs', () =>
        engine.docker(['ps', '-q', '--no-trunc', '--filter', 'label=regguard=snapshot']),
      )

    /** Starts an observation in the background, in a container with this name. */
    async function start(name: string, image: string, snapshotMs?: number): Promise<void> {
      await engine.docker([
        'run',
        '--detach',
        '--name',
        name,
        ...insideArguments(engine, inside(image, snapshotMs)),
      ])
    }

    /** Everything that a run could leave behind, without counters and timestamps. */
    async function state(): Promise<string> {
      const rules = await Promise.all(
        ['iptables-nft-save', 'ip6tables-nft-save'].map((save) => engine.namespace.run(save, [])),
      )
      const networks = (await engine.docker(['network', 'ls', '-q', '--no-trunc']))
        .split('\n')
        .filter(Boolean)
      const parts = await Promise.all([
        engine.docker(['ps', '-a', '--no-trunc', '--format', '{{.ID}} {{.Names}} {{.State}}']),
        engine.docker(['network', 'inspect', ...networks]),
        engine.docker(['volume', 'ls']),
        engine.namespace.run('ip', ['-o', 'route']),
        engine.namespace.run('nft', ['-s', 'list', 'ruleset']),
        engine.namespace.run('cat', ['/proc/net/ip_tables_names']).catch(() => ''),
      ])
      const plain = rules.map((text) => text.replace(/^#.*$/gm, '').replace(/\[\d+:\d+\]/g, ''))
      // Only name and number: a bridge's state changes some time after the step has left it.
      const links = JSON.parse(await engine.namespace.run('ip', ['-j', 'link'])) as {
        ifindex: number
        ifname: string
      }[]
      const named = links.map(({ ifindex, ifname }) => `${ifindex} ${ifname}`)
      return [...parts, ...plain, ...named].join('\n').replaceAll(/ (linkdown)? *$/gm, '')
    }

    test('reads the host’s rules and kernel log with three capabilities, and cannot write', async () => {
      const { snapshot } = await inspectInside(engine, inside('regguard'))
      if (!snapshot?.ok) throw new Error(snapshot?.why)
      const { rules } = snapshot.view
      const saw = JSON.parse(rules.seen ? '' : rules.why) as Saw
      expect(saw.arguments).toEqual(['host-snapshot', '--window-ms', '0', '--limit-ms', '5000'])
      // NET_ADMIN is bit 12, NET_RAW bit 13, SYSLOG bit 34.
      for (const set of ['CapPrm', 'CapEff', 'CapBnd'])
        expect(saw.status).toContain(`${set}:\t0000000400003000`)
      expect(saw.status).toMatch(/^NoNewPrivs:\t1$/m)
      // This Docker 29 has a runc without libseccomp.
      expect(saw.status).toContain(`\nSeccomp:\t${kind.version === 20 ? 2 : 0}\n`)
      expect(saw.links).toContain('docker0')
      expect(saw.nft).toContain('-A FORWARD -j DOCKER-USER')
      expect(saw.legacy).toBe(0)
      expect(saw.kernelLog).toBe(true)
      expect(saw.kernelThread).toBe('kthreadd\n')
      expect(saw.wrote).toBe('EROFS')
      // The step's own environment, which contains its secrets, is not passed on.
      expect(saw.environment.sort()).toEqual(['HOME', 'HOSTNAME', 'PATH'])
    })

    test('has exactly the documented privileges while it runs', async () => {
      await start('parent', 'regguard:slow')
      const [about] = JSON.parse(await engine.docker(['inspect', await running()]))
      const { HostConfig: given, Config: config } = about
      expect(about.Name).toMatch(/^\/regguard-snapshot-[0-9a-f]{16}$/)
      expect(given).toMatchObject({
        ...{
          NetworkMode: 'host',
          PidMode: 'host',
          Privileged: false,
          ReadonlyRootfs: true,
          AutoRemove: true,
        },
        CapDrop: ['ALL'],
        Devices: [{ PathOnHost: '/dev/kmsg', PathInContainer: '/dev/kmsg', CgroupPermissions: 'r' }],
        ...{ Binds: null, VolumesFrom: null, LogConfig: { Type: 'none' } },
        PortBindings: kind.version === 20 ? null : {},
      })
      expect(given.CapAdd.map((name: string) => name.replace('CAP_', '')).sort()).toEqual([
        'NET_ADMIN',
        'NET_RAW',
        'SYSLOG',
      ])
      // The engine adds `label=disable` for access to the host's processes, which SELinux would hide.
      expect(given.SecurityOpt.filter((option: string) => option !== 'label=disable')).toEqual([
        'no-new-privileges',
      ])
      expect(about.Mounts).toEqual([])
      expect(Object.keys(about.NetworkSettings.Networks)).toEqual(['host'])
      expect(config).toMatchObject({ User: '0:0', Tty: false, OpenStdin: false })
      expect(config.Labels).toMatchObject({ regguard: 'snapshot', 'regguard.limit': '5' })
      expect(await engine.docker(['wait', 'parent'])).toBe('0')
      expect(await siblings()).toEqual([])
      await engine.docker(['rm', 'parent'])
    })

    test('leaves networks, containers, volumes, links and rules as they were', async () => {
      const before = await state()
      for (const image of ['regguard', 'regguard:fail', 'regguard:hang']) {
        const { snapshot } = await inspectInside(engine, inside(image, 500))
        expect(snapshot?.ok).toBe(image === 'regguard')
        expect(await siblings()).toEqual([])
      }
      expect(await state()).toBe(before)
    })

    test('creates no interface, not even briefly: interface numbers continue without a gap', async () => {
      /** The number of the next interface in the engine's namespace. */
      async function nextNumber(): Promise<number> {
        await engine.namespace.run('ip', ['link', 'add', 'probe0', 'type', 'bridge'])
        const made = JSON.parse(await engine.namespace.run('ip', ['-j', 'link', 'show', 'probe0']))
        await engine.namespace.run('ip', ['link', 'del', 'probe0'])
        return made[0].ifindex
      }
      const before = await nextNumber()
      const options = inside('regguard')
      const { snapshot } = await inspectInside(engine, {
        ...options,
        flags: [...options.flags, '--network', 'none'],
      })
      expect(snapshot?.ok).toBe(true)
      expect(await nextNumber()).toBe(before + 1)
    })

    test('that fails is reported with its exit code and message', async () => {
      const { snapshot } = await inspectInside(engine, inside('regguard:fail'))
      expect(snapshot).toEqual({
        ok: false,
        why: 'the sibling printed no snapshot; exit code 3: no luck today',
      })
    })

    test('that exceeds its limit is removed', async () => {
      const { snapshot } = await inspectInside(engine, inside('regguard:hang', 500))
      expect(snapshot).toEqual({ ok: false, why: 'the sibling was still running after 2.5 s' })
    })

    test('is not counted as churn', async () => {
      const { churn, snapshot } = await inspectInside(engine, inside('regguard'))
      expect(snapshot?.ok).toBe(true)
      if (!churn.seen) throw new Error(churn.why)
      // The last event at a bridge is the step itself being attached.
      expect(churn.value.changes.at(-1)).toMatchObject({ what: 'attach', name: 'bridge' })
      expect(
        churn.value.changes.filter(({ name, owner }) => name === 'host' || owner === 'regguard'),
      ).toEqual([])
    })

    test('is removed when the step is stopped', async () => {
      await start('stopped', 'regguard:hang', 60_000)
      await running()
      await engine.docker(['kill', '--signal', 'TERM', 'stopped'])
      expect(await engine.docker(['wait', 'stopped'])).toBe('0')
      expect(JSON.parse((await engine.docker(['logs', 'stopped'])).trim()).snapshot).toEqual({
        ...{ ok: false, why: 'the run was stopped' },
      })
      expect(await siblings()).toEqual([])
      await engine.docker(['rm', 'stopped'])
    })

    test('whose step was killed is removed by the engine when it exits', async () => {
      await start('killed', 'regguard:slow')
      await running()
      await engine.docker(['rm', '--force', 'killed'])
      expect(await siblings()).toHaveLength(1)
      await until('the sibling is gone', async () => (await siblings()).length === 0)
    })

    test('whose step was killed and that hangs is removed by a later run, after its limit', async () => {
      await start('killed', 'regguard:hang', 1000)
      const left = await running()
      await engine.docker(['rm', '--force', 'killed'])
      // A run before the limit takes its own snapshot and does not remove the other sibling.
      expect((await inspectInside(engine, inside('regguard'))).snapshot?.ok).toBe(true)
      expect(await siblings()).toEqual([left])
      const { signal } = new AbortController()
      const { api } = await openEngine({ setting: engine.socket, env: {}, uid: 0, signal })
      if (!api) throw new Error('the engine does not answer')
      try {
        expect(await removeLeftovers(api)).toEqual([])
        const removed = async () => (await removeLeftovers(api, 0))[0]
        expect(await until('the time of the sibling is over', removed)).toEqual(left)
      } finally {
        await api.close()
      }
      expect(await siblings()).toEqual([])
    })

    test('is not started from an image that is not regguard’s own', async () => {
      const changes = ['LABEL org.opencontainers.image.title=deployer']
      const id = await engine.docker(['create', 'regguard'])
      await engine.docker(['commit', ...changes.flatMap((change) => ['--change', change]), id, 'deployer'])
      await engine.docker(['rm', id])
      const { snapshot } = await inspectInside(engine, inside('deployer'))
      expect(snapshot).toMatchObject({
        ok: false,
        why: expect.stringContaining("does not run regguard's own image"),
      })
    })

    test('that cannot be started is reported with the engine’s message, and removed', async () => {
      const id = await engine.docker(['create', 'regguard'])
      await engine.docker(['commit', '--change', 'ENTRYPOINT ["/missing"]', id, 'regguard:broken'])
      await engine.docker(['rm', id])
      const { snapshot } = await inspectInside(engine, inside('regguard:broken'))
      expect(snapshot).toMatchObject({ ok: false, why: expect.stringMatching(/\/missing.*no such file/) })
      expect(await siblings()).toEqual([])
    })
  },
  { programs: toolPrograms, kinds: [docker20, docker29Iptables] },
)
