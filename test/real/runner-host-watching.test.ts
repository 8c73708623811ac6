import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Engine, enginePrograms, startEngine } from '../support/engine.ts'
import { inspectHost, inspectHostWhile, seenValue } from '../support/inspect-host.ts'
import { findProgram, suiteNeeds } from '../support/need.ts'
import { makeNetworkNamespace, type NetworkNamespace } from '../support/network-namespace.ts'
import { startProgram } from '../support/program.ts'
import { toolPrograms } from '../support/tool-image.ts'

const suite = suiteNeeds([...enginePrograms, ...toolPrograms, 'stat'])
const rulesOf = async (namespace: NetworkNamespace, windowMs: number) =>
  seenValue((await inspectHost(namespace, { windowMs })).rules)

suite('a host that changes while it is watched', () => {
  let engine: Engine
  beforeAll(async () => {
    engine = await startEngine()
  }, 60_000)
  afterAll(() => engine?.stop(), 60_000)

  test('networks created and removed: the writer, the jump that is briefly missing, each bridge', async () => {
    const view = await inspectHostWhile(engine.namespace, 6000, async () => {
      for (let round = 0; round < 3; round += 1) {
        await engine.docker(['network', 'create', `brief-${round}`])
        await engine.docker(['network', 'rm', `brief-${round}`])
      }
    })
    const { samples, writers, passing = [] } = seenValue(view.rules)
    expect(writers[0]?.program).toBe('iptables')
    expect(writers[0]?.changes).toBeGreaterThan(3)
    expect(samples?.distinct).toBeGreaterThan(1)
    expect(samples?.firstRules).toContain('-j DOCKER-USER')
    const { changes } = seenValue(view.churn)
    const own = changes.filter(({ what }) => what === 'create' || what === 'destroy')
    expect(own.map(({ what }) => what)).toEqual(Array(3).fill(['create', 'destroy']).flat())
    expect(new Set(own.map(({ bridge }) => bridge)).size).toBe(3)
    // They did not exist at the beginning of the window or at its end.
    expect(passing).toEqual([])
  })

  test('a user jump that is taken away and put back is missed', async () => {
    const loop =
      'while iptables -D FORWARD -j DOCKER-USER; do sleep 0.05; iptables -I FORWARD -j DOCKER-USER; echo put back; sleep 0.05; done'
    const flapping = await startProgram(['nsenter', `--net=${engine.namespace.path}`, 'sh', '-c', loop], {
      ready: ({ output }) => output().includes('put back'),
    })
    const { samples } = await rulesOf(engine.namespace, 3000).finally(flapping.stop)
    await engine.namespace.run('sh', [
      '-c',
      'iptables -C FORWARD -j DOCKER-USER || iptables -I FORWARD -j DOCKER-USER',
    ])
    expect(samples?.withoutUserJump).toBeGreaterThan(0)
    expect(samples?.withoutUserJump).toBeLessThan(samples?.taken ?? 0)
    expect(samples?.firstRules).toEqual(
      expect.arrayContaining(['-j DOCKER-USER', '-j DOCKER-ISOLATION-STAGE-1']),
    )
  })

  test('a network created during the observation is passing; one that stays is not', async () => {
    await engine.docker(['network', 'create', 'stays'])
    let id = ''
    const { rules } = await inspectHostWhile(engine.namespace, 4000, async () => {
      id = await engine.docker(['network', 'create', 'temporary'])
    })
    const { passing = [] } = seenValue(rules)
    expect(passing).toContain(`br-${id.slice(0, 12)}`)
    const stays = await engine.docker(['network', 'inspect', '--format', '{{.Id}}', 'stays'])
    expect(passing).not.toContain(`br-${stays.slice(0, 12)}`)
  })
})

suite('Docker with iptables-legacy', () => {
  let engine: Engine
  let directory: string
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'regguard-legacy-'))
    for (const tool of ['iptables', 'ip6tables'])
      await symlink(findProgram(`${tool}-legacy`) ?? '', join(directory, tool))
    const before = process.env.PATH
    process.env.PATH = `${directory}:${before}`
    engine = await startEngine().finally(() => {
      process.env.PATH = before
    })
    await engine.docker(['network', 'create', 'one'])
  }, 60_000)
  afterAll(async () => {
    await engine?.stop()
    await rm(directory, { recursive: true, force: true })
  }, 60_000)

  test('its rules are read as legacy, and sampled there', async () => {
    const { tables, samples, unread } = await rulesOf(engine.namespace, 3000)
    expect(unread).toEqual([])
    expect([...new Set(tables.map(({ backend }) => backend))]).toEqual(['legacy'])
    expect(samples?.firstRules).toEqual(['-j DOCKER-USER'])
    const bridges = await engine.namespace.run('sh', [
      '-c',
      'iptables-legacy-save | grep -oE "br-[0-9a-f]{12}" | sort | uniq -c',
    ])
    const named = tables.flatMap(({ chains }) =>
      chains.flatMap(({ rules }) => rules.join('\n').match(/br-[0-9a-f]{12}/g) ?? []),
    )
    expect(bridges.trim()).toBe(`${named.length} ${named[0]}`)
  })
})

suite('the lock of iptables-legacy', () => {
  test('the holder, and for how long', async () => {
    const namespace = await makeNetworkNamespace()
    try {
      // It lets go when its input ends, which is when the test has stopped flock.
      const holder = await startProgram(
        ['flock', '--close', '/run/xtables.lock', 'sh', '-c', 'echo held; exec cat'],
        { stdin: 'pipe', ready: ({ output }) => output().includes('held') },
      )
      const { lock } = await rulesOf(namespace, 2000).finally(holder.stop)
      expect(lock).toMatchObject({ heldBy: 'flock' })
      expect(lock?.waitedMs).toBeGreaterThan(100)
    } finally {
      await namespace.remove()
    }
  })
})
