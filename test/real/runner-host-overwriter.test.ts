import { afterAll, beforeAll, expect, test } from 'vitest'
import type { HostView } from '../../src/facts/runner.ts'
import { type Engine, enginePrograms, startEngine } from '../support/engine.ts'
import { inspectHost, seenValue } from '../support/inspect-host.ts'
import { suiteNeeds } from '../support/need.ts'
import { startOverwriter } from '../support/overwriter.ts'
import { toolPrograms } from '../support/tool-image.ts'
import { until } from '../support/until.ts'

const suite = suiteNeeds([...enginePrograms, ...toolPrograms])
const generated = /\bbr-[0-9a-f]{12}\b/g

suite('lost updates: an overwriter, and an engine whose networks are created and removed', () => {
  let engine: Engine
  beforeAll(async () => {
    engine = await startEngine()
  }, 60_000)
  afterAll(() => engine?.stop(), 60_000)
  const lines = async (command: string) =>
    (await engine.namespace.run('sh', ['-c', command])).split('\n').filter(Boolean)

  /** Counted by independent programs: bridges in rules without a link, networks with a link and no filter rule. */
  async function countedByOthers() {
    const named = await lines(`iptables-save -t filter | grep -oE 'br-[0-9a-f]{12}' | sort -u`)
    const there = await lines(`ip -o link | grep -oE 'br-[0-9a-f]{12}' | sort -u`)
    const ids = await engine.docker([
      'network',
      'ls',
      '--no-trunc',
      '--filter',
      'driver=bridge',
      '--format',
      '{{.ID}} {{.Name}}',
    ])
    const networks = ids
      .split('\n')
      .flatMap((line) => (line.endsWith(' bridge') ? [] : [`br-${line.slice(0, 12)}`]))
    return {
      vanished: named.filter((name) => !there.includes(name)),
      bare: networks.filter((name) => there.includes(name) && !named.includes(name)).toSorted(),
      networks: networks.toSorted(),
    }
  }

  /** The same, from the facts only. */
  function seenBy(view: HostView, networks: string[]) {
    const filter = seenValue(view.rules).tables.filter(
      ({ name, family }) => name === 'filter' && family === 'ip',
    )
    const rules = filter.flatMap(({ chains }) => chains.flatMap((chain) => chain.rules))
    const named = new Set(rules.flatMap((rule) => rule.match(generated) ?? []))
    const there = new Set(seenValue(view.links).map(({ name }) => name))
    return {
      vanished: [...named].filter((name) => !there.has(name)).toSorted(),
      bare: networks.filter((name) => there.has(name) && !named.has(name)),
    }
  }

  test('without the overwriter, nothing is lost', async () => {
    for (const name of ['quiet-1', 'quiet-2']) await engine.docker(['network', 'create', name])
    await engine.docker(['network', 'rm', 'quiet-2'])
    const { vanished, bare, networks } = await countedByOthers()
    expect({ vanished, bare }).toEqual({ vanished: [], bare: [] })
    expect(seenBy(await inspectHost(engine.namespace, { windowMs: 300 }), networks)).toEqual({
      vanished: [],
      bare: [],
    })
  })

  test('every vanished bridge and every network without rules that others count is in the facts', async () => {
    const network = (command: string, kind: string) =>
      Promise.all([0, 1, 2, 3].map((at) => engine.docker(['network', command, `${kind}-${at}`])))
    await network('create', 'brief')
    const overwriter = await startOverwriter(engine.namespace, { gapMs: 400, pauseMs: 100 })
    await overwriter.whileItThinks(async () => {
      await network('create', 'kept')
      await network('rm', 'brief')
    })
    await until('another sync', () => overwriter.syncs() > 2)
    // Still at work: what was lost stays lost, and the looks before and after the window say so.
    const watched = await inspectHost(engine.namespace, { windowMs: 1500 })
    await overwriter.stop()
    const { vanished, bare, networks } = await countedByOthers()
    expect(vanished).not.toEqual([])
    expect(bare).not.toEqual([])
    const view = await inspectHost(engine.namespace)
    expect(seenBy(view, networks)).toEqual({ vanished: vanished.toSorted(), bare })
    expect(seenBy(watched, networks)).toEqual({ vanished: vanished.toSorted(), bare })

    const { passing = [], writers, tables } = seenValue(watched.rules)
    expect(passing.filter((name) => [...vanished, ...bare].includes(name))).toEqual([])
    expect(writers.map(({ program }) => program)).toContain('iptables-nft-re')
    expect(tables.flatMap(({ chains }) => chains.map(({ name }) => name))).toContain('KUBE-ROUTER-FORWARD')
    // And nobody was told.
    expect(engine.log()).not.toMatch(/level=error/)
  }, 120_000)
})
