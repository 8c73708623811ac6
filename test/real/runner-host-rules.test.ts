import { execa } from 'execa'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { parseNftTable } from '../../src/observe/runner/host/nft-text.ts'
import { ruleBudget } from '../../src/observe/runner/host/rule-budget.ts'
import { parseSave } from '../../src/observe/runner/host/save-text.ts'
import { recorded } from '../observe/runner/host/recorded.ts'
import { inspectHost, seenValue } from '../support/inspect-host.ts'
import { suiteNeeds } from '../support/need.ts'
import { makeNetworkNamespace, type NetworkNamespace } from '../support/network-namespace.ts'
import { toolPrograms } from '../support/tool-image.ts'

suiteNeeds([...toolPrograms, 'nsenter'])('recorded rules of other engines, loaded into this kernel', () => {
  let namespace: NetworkNamespace
  beforeEach(async () => {
    namespace = await makeNetworkNamespace()
  })
  afterEach(() => namespace.remove())
  const load = (program: string[], input: string) =>
    execa('nsenter', [`--net=${namespace.path}`, ...program], { input })
  const readRules = async () => seenValue((await inspectHost(namespace)).rules)

  test.each(['nft', 'legacy'] as const)(
    'Docker 28 with iptables-%s reads back as it was recorded',
    async (backend) => {
      await load([`iptables-${backend}-restore`], recorded('docker-28.save'))
      const { tables, unread } = await readRules()
      const expected = parseSave(recorded('docker-28.save'), { backend, family: 'ip' }, ruleBudget()).tables
      const sorted = (all: typeof tables) => all.toSorted((a, b) => a.name.localeCompare(b.name))
      expect(unread).toEqual([])
      expect(sorted(tables)).toEqual(sorted(expected))
    },
  )

  test('Docker 29 in nftables mode likewise, with the maps of its bridges', async () => {
    // nft 1.0.6 accepts that name only for other hooks.
    await load(
      ['nft', '-f', '-'],
      recorded('docker-29.nft').replace('output priority dstnat', 'output priority -100'),
    )
    const { tables, unread } = await readRules()
    expect(unread).toEqual([])
    expect(tables).toEqual([parseNftTable(recorded('docker-29.nft'), ruleBudget())])
  })

  test('elements of sets are read up to a limit, beyond which the set counts as incomplete', async () => {
    const addresses = Array.from({ length: 25_000 }, (_, at) => `10.1.${at >> 8}.${at & 255}`)
    await load(
      ['nft', '-f', '-'],
      `table inet crowd { set banned { type ipv4_addr; elements = { ${addresses.join(', ')} }; }; chain in { type filter hook input priority 0; ip saddr @banned drop; }; }`,
    )
    const { tables } = await readRules()
    expect(tables).toMatchObject([
      {
        ...{ backend: 'native', family: 'inet', name: 'crowd' },
        chains: [
          { name: 'in', hook: 'input', priority: 0, policy: 'accept', rules: ['ip saddr @banned drop'] },
        ],
        sets: [{ name: 'banned', incomplete: true }],
      },
    ])
    expect(tables[0]?.sets?.[0]?.elements).toHaveLength(20_000)
  })

  // A dump of 100,000 rules takes the kernel 6 s of CPU time, which is too long on a busy machine.
  test('30,000 rules are all read, in a heap of 192 MiB', async () => {
    const rules = Array.from(
      { length: 30_000 },
      (_, at) =>
        `-A MANY -i br-${at.toString(16).padStart(12, '0')} -m comment --comment "rule ${at}" -j ACCEPT`,
    )
    const text = `*filter\n:FORWARD ACCEPT [0:0]\n:MANY - [0:0]\n${rules.join('\n')}\nCOMMIT\n`
    await load(['iptables-nft-restore'], text)
    const view = await inspectHost(namespace, { windowMs: 100 }, [
      'env',
      'NODE_OPTIONS=--max-old-space-size=192',
    ])
    const { tables, truncated, unwatched } = seenValue(view.rules)
    expect(truncated).toBe(false)
    expect(tables.flatMap(({ chains }) => chains.flatMap((chain) => chain.rules))).toEqual(
      rules.map((rule) => rule.slice('-A MANY '.length)),
    )
    expect(unwatched).toContain('changes are watched up to 20000 rules')
  }, 120_000)
})
