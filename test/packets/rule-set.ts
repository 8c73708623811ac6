import { inIpv6 } from './in-ipv6.ts'
import { savedRuleSet } from './iptables-rules.ts'
import type { Laboratory } from './laboratory.ts'
import { nftNat, nftRuleSet } from './nft-rules.ts'
import { randomOf } from './random.ts'

/** Everything of a host that decides about packets, made from one seed. */
export interface RuleSet {
  seed: number
  kind: 'nft' | 'iptables-nft' | 'iptables-legacy' | 'iptables-nft and nft' | 'iptables-legacy and nft'
  /** Texts for the programs that load them. */
  loads: { program: string; args: string[]; text: string }[]
  sysctls: Record<string, string>
  /** Arguments of `ip`. */
  routes: string[][]
}

const kinds: RuleSet['kind'][] = [
  ...([
    'nft',
    'nft',
    'iptables-nft',
    'iptables-legacy',
    'iptables-nft and nft',
    'iptables-legacy and nft',
  ] as const),
]

export function ruleSetOf(seed: number): RuleSet {
  const random = randomOf(seed)
  const kind = random.pick(kinds)
  const loads: RuleSet['loads'] = []
  const ofNft = (text: string) =>
    loads.push({ program: 'nft', args: ['-f', '-'], text: ofItsOwn(text, kind) })
  if (kind.startsWith('iptables-')) {
    const program = `${kind.split(' ')[0]}-restore`
    loads.push(
      { program, args: [], text: savedRuleSet(random) },
      { program: program.replace('iptables', 'ip6tables'), args: [], text: inIpv6(savedRuleSet(random)) },
    )
  }
  if (kind.endsWith('nft') && kind !== 'iptables-nft') {
    ofNft(nftRuleSet(random))
    if (random.chance(0.5)) ofNft(inIpv6(nftNat(random)))
  }
  const ways = random.chance(0.2)
    ? random.pick([
        [
          ['rule', 'add', 'fwmark', '0x1/0xff', 'lookup', '52'],
          ['route', 'add', 'blackhole', 'default', 'table', '52'],
        ],
        [
          ['rule', 'add', 'to', '172.31.1.0/24', 'lookup', '52'],
          ['route', 'add', '172.31.0.0/16', 'dev', 'up0', 'table', '52'],
        ],
        [
          ['rule', 'add', 'from', '172.31.1.0/24', 'lookup', '52'],
          ['route', 'add', 'default', 'via', '10.99.0.1', 'table', '52'],
        ],
        [
          [
            'rule',
            'add',
            'uidrange',
            random.pick(['0-0', '1000-2000']),
            'to',
            '203.0.113.0/24',
            'lookup',
            '52',
          ],
          ['route', 'add', 'blackhole', 'default', 'table', '52'],
        ],
        [
          ['rule', 'add', ...random.pick([[], ['not']]), 'tos', '0x10', 'lookup', '52'],
          ['route', 'add', 'blackhole', '203.0.113.0/24', 'table', '52'],
        ],
        [
          ['rule', 'add', 'ipproto', random.pick(['tcp', 'udp']), 'dport', '400-500', 'lookup', '52'],
          ['route', 'add', 'unreachable', 'default', 'table', '52'],
        ],
        [['rule', 'add', 'iif', 'bra', 'to', '172.31.2.0/24', 'unreachable']],
        [['rule', 'add', 'ipproto', 'udp', 'dport', '53', 'unreachable']],
        [
          ['rule', 'add', 'not', 'fwmark', '0x2', 'iif', 'up0', 'lookup', '52'],
          ['route', 'add', 'throw', 'default', 'table', '52'],
        ],
      ])
    : []
  return {
    ...{ seed, kind, loads, routes: ways },
    sysctls: {
      'net.ipv4.ip_forward': random.chance(0.04) ? '0' : '1',
      ...(random.chance(0.04) ? { 'net.ipv4.conf.up0.forwarding': '0' } : {}),
      'net.ipv4.conf.all.rp_filter': random.pick(['0', '0', '1', '2']),
      'net.ipv6.conf.all.forwarding': random.chance(0.04) ? '0' : '1',
      ...(random.chance(0.04) ? { 'net.ipv6.conf.bra.force_forwarding': '1' } : {}),
      'net.bridge.bridge-nf-call-iptables': random.pick(['0', '1']),
      'net.bridge.bridge-nf-call-ip6tables': random.pick(['0', '1']),
      'net.ipv4.conf.bra.route_localnet': random.pick(['0', '1', '1']),
    },
  }
}

/** Beside iptables-nft, nft has names of its own: two programs would change the same table. */
const ofItsOwn = (text: string, kind: RuleSet['kind']): string =>
  kind === 'nft' ? text : text.replaceAll(/table (ip6?) nat \{/g, 'table $1 own {')

const withoutRules = ['filter', 'mangle', 'raw', 'nat']
  .map((name) => {
    const chains = {
      filter: 'INPUT FORWARD OUTPUT',
      raw: 'PREROUTING OUTPUT',
      nat: 'PREROUTING INPUT OUTPUT POSTROUTING',
    }
    const all =
      name in chains ? chains[name as keyof typeof chains] : 'PREROUTING INPUT FORWARD OUTPUT POSTROUTING'
    return `*${name}\n${all
      .split(' ')
      .map((chain) => `:${chain} ACCEPT [0:0]\n`)
      .join('')}COMMIT\n`
  })
  .join('')

/** Loads a rule set into the host in place of the one before; false where a program refuses it. */
export async function load(laboratory: Laboratory, { loads, sysctls, routes }: RuleSet): Promise<boolean> {
  const { onHost } = laboratory
  await onHost('nft', ['flush', 'ruleset'])
  await onHost('iptables-legacy-restore', [], withoutRules)
  await onHost('ip6tables-legacy-restore', [], withoutRules)
  for (const family of ['-4', '-6']) {
    await onHost('ip', [family, 'rule', 'flush'])
    // Flushing leaves the rule for the table `local`.
    await onHost('ip', [family, 'rule', 'add', 'priority', '32766', 'lookup', 'main'])
    await onHost('ip', [family, 'route', 'flush', 'table', '52']).catch(() => '')
  }
  for (const route of routes) {
    await onHost('ip', ['-4', ...route])
    await onHost('ip', ['-6', ...route.map(inIpv6)])
  }
  for (const name of ['net.ipv4.ip_forward', 'net.ipv6.conf.bra.force_forwarding'])
    await onHost('sysctl', ['-q', '-w', `${name}=0`])
  // The setting of the whole host comes first: it writes those of the interfaces.
  for (const [name, value] of Object.entries(sysctls))
    await onHost('sysctl', ['-q', '-w', `${name}=${value}`])
  for (const { program, args, text } of loads) {
    const loaded = await onHost(program, args, text).then(
      () => true,
      () => false,
    )
    if (!loaded) return false
  }
  await laboratory.judgeHost()
  return true
}
