import type { Random } from './random.ts'

const interfaces = [
  '"bra"',
  '"brb"',
  '"up0"',
  '"br*"',
  '"up*"',
  '"lo"',
  '{ "bra", "up0" }',
  '{ "br*", "lo" }',
]
const networks = [
  ...[
    '172.31.1.0/24',
    '172.31.0.0/16',
    '172.31.1.2',
    '172.31.1.3',
    '203.0.113.0/24',
    '10.99.0.2',
    '10.0.0.0/8',
  ],
  ...['172.31.1.2-172.31.1.9', '{ 172.31.2.2, 10.99.0.0/24 }', '203.0.113.1', '0.0.0.0/0', '@hosts'],
]
const ports = ['80', '443', '8080', '1-1023', '{ 80, 443 }', '{ 22, 8000-9000 }', '@web', '53']

/** Matches that the hosts of CI use; each may be empty. */
const matches: ((random: Random) => string)[] = [
  (random) => `iifname ${negation(random)}${random.pick(interfaces)}`,
  (random) => `oifname ${negation(random)}${random.pick(interfaces)}`,
  (random) => `ip saddr ${negation(random)}${random.pick(networks)}`,
  (random) => `ip daddr ${negation(random)}${random.pick(networks)}`,
  (random) => `tcp dport ${negation(random)}${random.pick(ports)}`,
  (random) => `tcp sport ${random.pick(['1-1023', '>= 1024', '!= 80', '80', '443'])}`,
  (random) => `meta l4proto ${random.pick(['tcp', 'udp', '{ tcp, udp }', '!= tcp'])}`,
  (random) => `ip protocol ${random.pick(['tcp', 'udp', '!= udp'])}`,
  (random) =>
    `ct state ${random.pick(['established,related', 'new', '{ new, related }', '!= new', 'invalid', 'established', 'untracked'])}`,
  (random) => `ct status ${random.pick(['dnat', 'snat', 'snat,dnat'])}`,
  (random) => `ct direction ${random.pick(['original', 'reply'])}`,
  (random) => `ct original ip daddr ${random.pick(['203.0.113.1', '172.31.0.0/16', '!= 10.99.0.2'])}`,
  (random) => `fib daddr type ${random.pick(['local', '{ local, broadcast }', '!= local', 'unicast'])}`,
  (random) => `fib saddr type ${random.pick(['local', '!= local'])}`,
  (random) =>
    `fib saddr . ${random.pick(['', 'mark . '])}iif oif ${random.pick(['missing', 'exists', '0', '!= 0'])}`,
  (random) => `fib saddr oif ${random.pick(['missing', 'exists'])}`,
  (random) => `meta skuid ${random.pick(['0', '!= 0', '1000-2000', '{ 0, 1000 }'])}`,
  (random) => `meta ipsec ${random.pick(['exists', 'missing'])}`,
  (random) => `rt ipsec ${random.pick(['exists', 'missing'])}`,
  (random) => `meta mark ${random.pick(['0x1', '!= 0x1', '& 0xff == 0x2', '& 0x4 != 0x0', '{ 0x1, 0x2 }'])}`,
  (random) => `ct mark ${random.pick(['0x3', '!= 0x0', '0x0'])}`,
  (random) =>
    `tcp flags ${random.pick(['syn', '& (fin | syn | rst | ack) == syn', '& (syn | ack) == (syn | ack)', '!= syn'])}`,
  (random) => `meta nfproto ${random.pick(['ipv4', 'ipv6'])}`,
  (random) => `iifname . oifname ${random.pick(['{ "bra" . "up0", "up0" . "bra" }', '{ "bra" . "brb" }'])}`,
  (random) =>
    `ip daddr . tcp dport ${random.pick(['@pairs', '{ 172.31.1.2 . 80 }', '{ 203.0.113.1 . 443, 172.31.2.2 . 80 }'])}`,
  (random) => `ip6 saddr ${negation(random)}${random.pick(['fd00::/8', 'fd00:31:1::/64', 'fd00:31:1::2'])}`,
  (random) =>
    `ip6 daddr ${negation(random)}${random.pick(['2001:db8:113::/48', '2001:db8:99::2', 'fd00::/8'])}`,
  (random) => `ip6 nexthdr ${random.pick(['tcp', 'udp', '!= udp'])}`,
  () => 'meta pkttype { broadcast, multicast }',
  (random) => `udp dport ${random.pick(['53', '!= 53'])}`,
]
const rare = [
  'limit rate 1000/second',
  'limit rate over 1000/second',
  'meta length < 1500',
  'meta hour "00:00"-"23:59"',
  'meta skgid 0',
]

const negation = (random: Random): string => (random.chance(0.25) ? '!= ' : '')

const marks = [
  'meta mark set 0x1',
  'meta mark set meta mark | 0x2',
  'meta mark set meta mark & 0xfffffffb ^ 0x4',
  'meta mark set ct mark',
  'ct mark set meta mark',
  'ct mark set 0x3',
]
const hooks = ['prerouting', 'forward', 'forward', 'forward', 'postrouting', 'input', 'output']
const priorities = [
  'filter',
  'filter + 5',
  'filter - 10',
  'mangle',
  'raw',
  'security',
  '-250',
  '-160',
  '300',
  '0',
  '1',
]

/** A rule set of nft, as a text for `nft -f`. */
export function nftRuleSet(random: Random): string {
  return [
    ...Array.from({ length: 1 + random.below(3) }, (_, at) => filterTable(random, at)),
    ...(random.chance(0.6) ? [nftNat(random)] : []),
    ...(random.chance(0.15) ? [bridgeTable(random)] : []),
    ...(random.chance(0.1) ? [deviceTable(random)] : []),
  ].join('\n')
}

const sets = [
  '\tset hosts {\n\t\ttype ipv4_addr\n\t\tflags interval\n\t\telements = { 172.31.1.0/24, 203.0.113.1 }\n\t}',
  '\tset web {\n\t\ttype inet_service\n\t\telements = { 80, 443 }\n\t}',
  '\tset pairs {\n\t\ttype ipv4_addr . inet_service\n\t\telements = { 172.31.1.2 . 80, 203.0.113.1 . 443 }\n\t}',
]

function filterTable(random: Random, at: number): string {
  const family = random.pick(['inet', 'ip', 'ip', 'inet', 'ip6'])
  const inner = Array.from({ length: random.below(4) }, (_, chain) => `c${chain}`)
  const chains = inner.map((name, chain) =>
    chainOf(name, '', rules(random, { hook: 'forward', inner: inner.slice(chain + 1), family })),
  )
  const maps = inner.length > 0 ? [mapOf(random, inner)] : []
  const bases = Array.from({ length: 1 + random.below(3) }, (_, base) => {
    const hook = random.pick(hooks)
    const policy = random.chance(0.2) ? 'drop' : 'accept'
    const header = `type filter hook ${hook} priority ${random.pick(priorities)}; policy ${policy};`
    const dispatch =
      maps.length > 0 && random.chance(0.3)
        ? [
            `${random.pick(hook === 'input' || hook === 'prerouting' ? ['iifname'] : hook === 'output' ? ['oifname'] : ['iifname', 'oifname'])} vmap @ways`,
          ]
        : []
    return chainOf(`b${base}`, header, [...dispatch, ...rules(random, { hook, inner, family })])
  })
  return `table ${family} t${at} {\n${[...sets, ...maps, ...chains.toReversed(), ...bases].join('\n')}\n}`
}

const chainOf = (name: string, header: string, lines: string[]): string =>
  `\tchain ${name} {\n${[...(header === '' ? [] : [header]), ...lines].map((line) => `\t\t${line}\n`).join('')}\t}`

const mapOf = (random: Random, inner: string[]): string =>
  `\tmap ways {\n\t\ttype ifname : verdict\n\t\telements = { "bra" : jump ${random.pick(inner)}, "up0" : goto ${random.pick(inner)}, "brb" : ${random.pick(['accept', 'return', 'drop'])} }\n\t}`

interface Where {
  hook: string
  inner: string[]
  family: string
}

function rules(random: Random, where: Where): string[] {
  return Array.from({ length: random.below(5) }, () => ruleOf(random, where))
}

/** Rules that let most of it through, so that what follows counts as well. */
function ruleOf(random: Random, { hook, inner, family }: Where): string {
  const wanted = 1 + random.below(3)
  const parts = Array.from({ length: wanted }, () => random.pick(matches)(random)).filter(
    (match) => isAllowed(match, hook) && isOfFamily(match, family),
  )
  const chosen = parts.filter((match, at) => isFirstOfItsKind(parts, match, at))
  if (random.chance(0.01)) chosen.push(random.pick(rare))
  const counter = random.chance(0.3) ? ['counter'] : []
  const mark = random.chance(0.15) ? [random.pick(marks)] : []
  const comment = random.chance(0.1) ? ['comment "drop all of it { }"'] : []
  return [...chosen, ...counter, ...mark, verdictOf(random, inner, chosen.length), ...comment]
    .filter((part) => part !== '')
    .join(' ')
}

const isAllowed = (match: string, hook: string): boolean =>
  !(match.includes('oifname') && (hook === 'prerouting' || hook === 'input')) &&
  !(match.includes('iifname') && hook === 'output') &&
  !(match.startsWith('fib') && hook === 'postrouting') &&
  !(/^fib saddr .*oif/.test(match) && hook === 'output') &&
  !(match.startsWith('meta ipsec') && hook !== 'prerouting' && hook !== 'input' && hook !== 'forward') &&
  !(match.startsWith('rt ') && hook !== 'output' && hook !== 'postrouting' && hook !== 'forward')

/** nft refuses what a family cannot have. */
function isOfFamily(match: string, family: string): boolean {
  if (family === 'inet') return true
  return !match.includes('nfproto') && !(family === 'ip' ? /\bip6 / : /\bip /).test(match)
}

const kindOf = (match: string): string => match.split(' ').slice(0, 2).join(' ')
/** nft refuses some repeated or contradicting protocols. */
function isFirstOfItsKind(all: string[], match: string, at: number): boolean {
  const before = all.slice(0, at)
  if (before.some((one) => kindOf(one) === kindOf(match))) return false
  const protocols = /^(?:tcp|udp|ip6?|meta l4proto|meta nfproto|icmp)\b/
  return !(
    /^(?:udp|ip6|meta nfproto|meta l4proto|ip protocol)/.test(match) &&
    before.some((one) => protocols.test(one))
  )
}

function verdictOf(random: Random, inner: string[], conditions: number): string {
  const stopping = conditions > 1 ? 0.35 : 0.2
  if (inner.length > 0 && random.chance(0.25))
    return `${random.pick(['jump', 'jump', 'goto'])} ${random.pick(inner)}`
  if (random.chance(stopping)) return random.pick(['drop', 'drop', 'reject'])
  return random.pick(['accept', 'accept', 'return', '', 'continue'])
}

/** A table of NAT. */
export function nftNat(random: Random): string {
  const from = random.pick(['ip saddr 172.31.0.0/16 ', 'ip saddr 172.31.1.0/24 ', 'iifname "bra" ', ''])
  const post = [
    ...(random.chance(0.2) ? ['ip daddr 172.31.0.0/16 accept'] : []),
    random.pick([
      `${from}oifname "up0" masquerade`,
      `${from}oifname != "bra" masquerade`,
      `${from}oifname "up0" snat to 10.99.0.2`,
      `${from}oifname "up0" meta l4proto tcp snat to 10.99.0.2:1024-65535`,
      `${from}oifname "up0" meta l4proto tcp masquerade to :1024-65535`,
    ]),
    ...(random.chance(0.4) ? ['fib saddr type local oifname "bra" masquerade'] : []),
  ]
  const pre = random.pick([
    'fib daddr type local tcp dport 8080 dnat to 172.31.1.2:80',
    'iifname "up0" tcp dport 8080 dnat to 172.31.1.3:443',
    'iifname != "bra" tcp dport 8080 dnat to 172.31.2.2:80',
    'tcp dport 8080 redirect to :80',
    'tcp dport 8080 redirect to :443-450',
    'iifname "up0" tcp dport 8080 dnat to 172.31.1.3:443-450',
    'tcp dport { 80, 8080 } dnat to 172.31.1.2',
    'ct state new tcp dport 9999 dnat to 172.31.1.2:80',
  ])
  const at = random.pick(['', ' - 5', ' + 5'])
  const out = random.pick([
    ['fib daddr type local ip daddr != 127.0.0.0/8 tcp dport 8080 dnat to 172.31.1.2:80'],
    ['fib daddr type local tcp dport 8080 dnat to 172.31.1.3:80'],
    ['ip daddr 203.0.113.1 tcp dport 443 dnat to 172.31.2.2'],
    [],
  ])
  return `table ip nat {\n${chainOf('pre', `type nat hook prerouting priority dstnat${at}; policy accept;`, [pre])}\n${chainOf('out', `type nat hook output priority ${at === '' ? '-100' : -100 + Number(at.replaceAll(' ', ''))}; policy accept;`, out)}\n${chainOf('post', `type nat hook postrouting priority srcnat${at}; policy accept;`, post)}\n}`
}

const ofBridge = [
  'iifname "v1"',
  'oifname "v2"',
  'ip saddr 172.31.1.2',
  'ip daddr != 172.31.1.3',
  'tcp dport 80',
  'ether type ip',
  'iifname "v*"',
  'meta mark 0x1',
  'ether type arp',
]

function bridgeTable(random: Random): string {
  const hook = random.pick(['prerouting', 'input', 'forward', 'output', 'postrouting'])
  const header = `type filter hook ${hook} priority ${random.pick(['filter', '0', 'filter + 10'])}; policy accept;`
  const lines = Array.from({ length: 1 + random.below(3) }, () => {
    const match = random.pick(ofBridge)
    const fits =
      !(match.startsWith('oif') && (hook === 'prerouting' || hook === 'input')) &&
      !(match.startsWith('iif') && hook === 'output')
    return `${fits ? `${match} ` : 'tcp dport 443 '}${random.pick(['accept', 'drop', 'meta mark set 0x2'])}`
  })
  return `table bridge br {\n${chainOf('c', header, lines)}\n}`
}

function deviceTable(random: Random): string {
  const device = random.pick(['up0', 'bra', 'v1', 'v2'])
  const rule = `${random.pick(['tcp dport 443', 'ip saddr 172.31.1.2', 'tcp sport 443', 'ip daddr 10.99.0.0/24'])} ${random.pick(['drop', 'accept'])}`
  return `table netdev dev {\n${chainOf('c', `type filter hook ingress device "${device}" priority 0; policy accept;`, [rule])}\n}`
}
