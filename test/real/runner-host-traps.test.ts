import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type Engine, enginePrograms, startEngine } from '../support/engine.ts'
import {
  inspectHost,
  inspectHostFromContainer,
  inspectHostWhile,
  seenValue,
} from '../support/inspect-host.ts'
import { suiteNeeds } from '../support/need.ts'
import { makeNetworkNamespace, type NetworkNamespace } from '../support/network-namespace.ts'
import { importToolImage, toolPrograms } from '../support/tool-image.ts'

const suite = suiteNeeds([...enginePrograms, ...toolPrograms, 'tar'])

suite('what looks healthy inside a container and shows nothing of the host', () => {
  let engine: Engine
  beforeAll(async () => {
    engine = await startEngine()
    await importToolImage(engine)
  }, 120_000)
  afterAll(() => engine?.stop(), 60_000)
  const inside = (flags: string[], ...command: string[]) =>
    engine.docker(['run', '--rm', ...flags, 'tools', ...command])

  // `--privileged` needs capabilities that a test's engine may not have; for rules, these are sufficient.
  const privileged = [
    '--cap-add',
    'NET_ADMIN',
    '--cap-add',
    'SYS_ADMIN',
    '--security-opt',
    'seccomp=unconfined',
  ]

  test('a privileged container’s own rules are an empty list without an error', async () => {
    const own = await inside(privileged, 'sh', '-c', 'iptables-nft-save; echo "ended with $?"')
    expect(own).not.toContain('-A ')
    expect(own).toContain('ended with 0')
    const { rules, links, routes, listeners } = await inspectHostFromContainer(engine, privileged)
    for (const area of [rules, links, routes, listeners])
      expect(area).toMatchObject({ seen: false, applies: true })
  })

  test('so are a plain container’s legacy rules', async () => {
    expect(await inside([], 'sh', '-c', 'iptables-legacy-save; echo "ended with $?"')).toMatch(
      /^(?:#.*\n)?ended with 0$/,
    )
    const { rules } = await inspectHostFromContainer(engine, [])
    expect(rules).toMatchObject({ seen: false, why: expect.stringContaining('network namespace') })
  })

  test('its count of tracked connections is its own, the maximum is global', async () => {
    const files = ['count', 'max'].map((name) => `/proc/sys/net/netfilter/nf_conntrack_${name}`)
    const [count, max] = (await inside([], 'cat', ...files)).split('\n').map(Number)
    expect(count).toBe(0)
    expect(max).toBeGreaterThan(0)
    expect((await inspectHostFromContainer(engine, [])).conntrack).toMatchObject({
      seen: false,
      applies: true,
    })
  })

  test('counters of the machine are seen anyway', async () => {
    expect((await inspectHostFromContainer(engine, ['--user', '1000:1000'])).pressure.seen).toBe(true)
  })
})

suite('what one source does not show', () => {
  const namespaces: NetworkNamespace[] = []
  const namespace = async () => {
    const one = await makeNetworkNamespace()
    namespaces.push(one)
    return one
  }
  afterEach(async () => {
    for (const one of namespaces.splice(0)) await one.remove()
  })
  const sh = (one: NetworkNamespace, command: string) => one.run('sh', ['-c', command])
  const names = (one: NetworkNamespace) => sh(one, 'cat /proc/net/ip_tables_names /proc/net/ip6_tables_names')

  test('the kernel log does not name namespaces: bridges of another engine are in it', async () => {
    const [here, other] = [await namespace(), await namespace()]
    await sh(
      other,
      'ip link add br-0a0a0a0a0a0a type bridge && ip link set br-0a0a0a0a0a0a up && ip link add va type veth peer name vb && ip link set va master br-0a0a0a0a0a0a up && ip link set vb up',
    )
    const { churn, links } = await inspectHost(here, { windowMs: 300 })
    expect(seenValue(churn).scope).toBe('machine')
    const bridgeChanges = seenValue(churn).changes.filter(({ bridge }) => bridge === 'br-0a0a0a0a0a0a')
    expect(bridgeChanges.map(({ what }) => what)).toContain('attach')
    expect(bridgeChanges.every(({ what }) => what === 'attach' || what === 'detach')).toBe(true)
    expect(seenValue(links).map(({ name }) => name)).toEqual(['lo'])
  })

  test('an empty bridge is created and removed without a line in the kernel log: netlink shows it', async () => {
    const here = await namespace()
    const { churn, kernel } = await inspectHostWhile(here, 3000, () =>
      sh(
        here,
        'ip link add br-0b0b0b0b0b0b type bridge && ip link set br-0b0b0b0b0b0b up && ip link del br-0b0b0b0b0b0b',
      ),
    )
    const bridgeChanges = seenValue(churn).changes.filter(({ bridge }) => bridge === 'br-0b0b0b0b0b0b')
    expect(bridgeChanges.map(({ what }) => what)).toEqual(['create', 'destroy'])
    expect(kernel.seen).toBe(true)
  })

  test('iptables-legacy -L makes the kernel load a table; an observation does not', async () => {
    const [here, control] = [await namespace(), await namespace()]
    await inspectHost(here, { windowMs: 200 })
    expect(await names(here)).toBe('')
    await sh(control, 'iptables-legacy -L')
    expect(await names(control)).toBe('filter')
    const before = await names(control)
    const rules = seenValue((await inspectHost(control, { windowMs: 200 })).rules)
    expect(rules.tables.map(({ backend, name }) => [backend, name])).toEqual([['legacy', 'filter']])
    expect(await names(control)).toBe(before)
  })

  test('nft tables, iptables-nft and legacy rules are all read, though each tool shows only some', async () => {
    const here = await namespace()
    await sh(
      here,
      'iptables-nft -A FORWARD -m comment --comment "kept words" -m addrtype --dst-type LOCAL -j ACCEPT',
    )
    await sh(here, 'iptables-legacy -t nat -A POSTROUTING -s 10.0.0.0/8 -j MASQUERADE')
    await sh(here, 'ip6tables-nft -A INPUT -s fd00::/8 -j DROP')
    await sh(
      here,
      `nft 'table inet clamp { chain forward { type filter hook forward priority mangle; tcp flags & (syn|rst) == syn tcp option maxseg size set rt mtu; }; }'`,
    )
    expect(await sh(here, 'iptables-nft-save')).not.toContain('maxseg')
    expect(await sh(here, 'nft -j list ruleset')).not.toContain('kept words')
    const { tables, unread } = seenValue((await inspectHost(here)).rules)
    const rules = (backend: string, family: string) =>
      tables
        .filter((one) => one.backend === backend && one.family === family)
        .flatMap(({ chains }) => chains.flatMap((chain) => chain.rules))
    expect(unread).toEqual([])
    expect(rules('nft', 'ip')).toEqual([
      '-m comment --comment "kept words" -m addrtype --dst-type LOCAL -j ACCEPT',
    ])
    expect(rules('nft', 'ip6')).toEqual(['-s fd00::/8 -j DROP'])
    expect(rules('legacy', 'ip')).toEqual(['-s 10.0.0.0/8 -j MASQUERADE'])
    expect(rules('native', 'inet')).toEqual(['tcp flags syn / syn,rst tcp option maxseg size set rt mtu'])
    expect(tables.filter(({ name }) => name === 'filter')).toHaveLength(2)
  })

  test('a path MTU learned from ICMP, which hides a black hole for ten minutes, is reported', async () => {
    const [here, router, far] = [await namespace(), await namespace(), await namespace()]
    const client = async (a: NetworkNamespace, b: NetworkNamespace, net: string) => {
      await sh(
        a,
        `ip link add w${net} type veth peer name x${net} netns ${b.name} && ip addr add 10.97.${net}.1/24 dev w${net} && ip link set w${net} up`,
      )
      await sh(b, `ip addr add 10.97.${net}.2/24 dev x${net} && ip link set x${net} up`)
    }
    await client(here, router, '1')
    await client(router, far, '2')
    await sh(router, 'echo 1 > /proc/sys/net/ipv4/ip_forward && ip link set w2 mtu 1400')
    await sh(here, 'ip route add default via 10.97.1.2')
    await sh(far, 'ip route add default via 10.97.2.1')
    expect(seenValue((await inspectHost(here)).routes).learnedMtus).toEqual([])
    await sh(here, 'ping -M do -s 1472 -c 2 -W 1 10.97.2.2 || true')
    const [learned, ...others] = seenValue((await inspectHost(here)).routes).learnedMtus ?? []
    expect(learned).toMatchObject({ destination: '10.97.2.2', mtu: 1400 })
    expect(learned?.expiresInMs).toBeGreaterThan(500_000)
    expect(others).toEqual([])
  })
})
