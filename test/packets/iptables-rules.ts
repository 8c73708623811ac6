import type { Random } from './random.ts'

const interfaces = ['bra', 'brb', 'up0', 'br+', 'up+', 'lo', 'v1']
const networks = [
  '172.31.1.0/24',
  '172.31.0.0/16',
  '172.31.1.2/32',
  '172.31.1.3/32',
  '203.0.113.0/24',
  '10.99.0.2/32',
  '10.0.0.0/8',
]

const not = (random: Random): string => (random.chance(0.25) ? '! ' : '')

const matches: ((random: Random) => string)[] = [
  (random) => `${not(random)}-i ${random.pick(interfaces)}`,
  (random) => `${not(random)}-o ${random.pick(interfaces)}`,
  (random) => `${not(random)}-s ${random.pick(networks)}`,
  (random) => `${not(random)}-d ${random.pick(networks)}`,
  (random) => `-p tcp -m tcp ${not(random)}--dport ${random.pick(['80', '443', '8080', '1:1023', '53'])}`,
  (random) => `-p tcp -m tcp ${not(random)}--sport ${random.pick(['80', '443', '1024:65535'])}`,
  (random) => `-p tcp -m multiport --dports ${random.pick(['80,443', '22,8000:9000', '53'])}`,
  (random) =>
    `-p tcp -m tcp ${random.pick(['--syn', '! --syn', '--tcp-flags SYN,ACK SYN,ACK', '--tcp-flags FIN,SYN,RST,ACK SYN'])}`,
  (random) => random.pick(['-p udp', '! -p tcp', '-p tcp', '! -p udp']),
  (random) =>
    `-m conntrack ${not(random)}--ctstate ${random.pick(['RELATED,ESTABLISHED', 'NEW', 'INVALID', 'ESTABLISHED', 'NEW,UNTRACKED', 'RELATED,ESTABLISHED,DNAT'])}`,
  (random) => `-m conntrack --ctorigdst ${random.pick(['203.0.113.1', '172.31.0.0/16'])}`,
  (random) => `-m conntrack --ctdir ${random.pick(['ORIGINAL', 'REPLY'])}`,
  (random) => `-m state --state ${random.pick(['NEW', 'ESTABLISHED', 'RELATED,ESTABLISHED'])}`,
  (random) => `-m mark ${not(random)}--mark ${random.pick(['0x1', '0x2/0xff', '0x0/0x4', '0x4/0x4'])}`,
  (random) => `-m connmark ${not(random)}--mark ${random.pick(['0x3', '0x0', '0x1/0x1'])}`,
  (random) =>
    `-m addrtype ${not(random)}${random.pick(['--dst-type', '--src-type'])} ${random.pick(['LOCAL', 'UNICAST'])}`,
  (random) =>
    `-m physdev ${random.pick(['--physdev-is-bridged', '! --physdev-is-bridged', '--physdev-in v1', '! --physdev-in v1', '--physdev-in v+', '--physdev-is-in'])}`,
  (random) => `-m iprange --src-range ${random.pick(['172.31.1.1-172.31.1.9', '10.0.0.1-10.255.0.0'])}`,
  (random) => `-m pkttype ${not(random)}--pkt-type ${random.pick(['broadcast', 'unicast'])}`,
  (random) => `-m owner ${not(random)}--uid-owner ${random.pick(['0', '1000-2000', '0-10'])}`,
  () => '-m owner --socket-exists',
  (random) =>
    `-m rpfilter ${random.pick(['', '--loose', '--validmark', '--loose --validmark'])} ${random.pick(['', '--invert'])}`,
  (random) => `-m policy --dir ${random.pick(['in', 'out'])} --pol ${random.pick(['none', 'ipsec'])}`,
  () => '-m comment --comment "-j DROP \\"all\\""',
]
const rare = [
  '-m limit --limit 100/sec',
  '-m statistic --mode random --probability 0.5',
  '-m length --length 0:1500',
  '-m ttl --ttl-gt 1',
]

type TableName = 'filter' | 'mangle' | 'raw' | 'nat'
const chainsOf: Record<TableName, string[]> = {
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  raw: ['PREROUTING', 'OUTPUT'],
  nat: ['PREROUTING', 'OUTPUT', 'POSTROUTING'],
}

/** A text for `iptables-restore` of one backend. */
export function savedRuleSet(random: Random): string {
  return [
    tableOf(random, 'filter'),
    ...(random.chance(0.4) ? [tableOf(random, 'mangle')] : []),
    ...(random.chance(0.25) ? [tableOf(random, 'raw')] : []),
    ...(random.chance(0.6) ? [natTable(random)] : []),
  ].join('')
}

function tableOf(random: Random, name: TableName): string {
  const inner = Array.from({ length: random.below(4) }, (_, at) => `X${at}`)
  const lines: string[] = []
  const bases = chainsOf[name].filter((chain) => chain === 'FORWARD' || random.chance(0.4))
  for (const chain of bases) lines.push(...rulesIn(random, name, chain, inner))
  for (const [at, chain] of inner.entries()) lines.push(...rulesIn(random, name, chain, inner.slice(at + 1)))
  const policy = () => (name === 'filter' && random.chance(0.25) ? 'DROP' : 'ACCEPT')
  return `*${name}\n${chainsOf[name].map((chain) => `:${chain} ${policy()} [0:0]\n`).join('')}${inner.map((chain) => `:${chain} - [0:0]\n`).join('')}${lines.map((line) => `-A ${line}\n`).join('')}COMMIT\n`
}

function rulesIn(random: Random, table: TableName, chain: string, inner: string[]): string[] {
  return Array.from({ length: 1 + random.below(4) }, () => {
    const parts = Array.from({ length: 1 + random.below(3) }, () => random.pick(matches)(random))
    const chosen = parts.filter((part, at) => isAllowed(part, chain, table) && isNew(parts, part, at))
    if (random.chance(0.01)) chosen.push(random.pick(rare))
    return [chain, ...chosen, targetOf(random, table, inner, chosen.length)]
      .filter((part) => part !== '')
      .join(' ')
  })
}

/** iptables refuses interfaces where a hook has none. A chain of its own can be called from any hook. */
function isAllowed(part: string, chain: string, table: TableName): boolean {
  if (part.includes('-m owner')) return chain === 'OUTPUT' || chain === 'POSTROUTING'
  if (part.includes('-m rpfilter')) return chain === 'PREROUTING' && (table === 'raw' || table === 'mangle')
  if (part.includes('--dir in')) return ['PREROUTING', 'INPUT', 'FORWARD'].includes(chain)
  if (part.includes('--dir out')) return ['POSTROUTING', 'OUTPUT', 'FORWARD'].includes(chain)
  if (/^(?:! )?-o /.test(part)) return chain === 'FORWARD' || chain === 'POSTROUTING' || chain === 'OUTPUT'
  if (/^(?:! )?-i /.test(part)) return chain === 'FORWARD' || chain === 'PREROUTING' || chain === 'INPUT'
  return true
}

const kindOf = (part: string): string => /-[a-z]+( [a-z]+)?/.exec(part.replace('! ', ''))?.[0] ?? part
const isNew = (all: string[], part: string, at: number): boolean =>
  all.findIndex((one) => kindOf(one) === kindOf(part) || (/-p /.test(one) && /-p /.test(part))) === at

function targetOf(random: Random, table: TableName, inner: string[], conditions: number): string {
  if (inner.length > 0 && random.chance(0.25))
    return `${random.pick(['-j', '-j', '-g'])} ${random.pick(inner)}`
  if (table === 'mangle' && random.chance(0.5))
    return random.pick([
      '-j MARK --set-mark 0x1',
      '-j MARK --or-mark 0x4',
      '-j MARK --and-mark 0xfe',
      '-j MARK --set-xmark 0x2/0xff',
      '-j CONNMARK --save-mark',
      '-j CONNMARK --restore-mark',
      '-j CONNMARK --set-mark 0x3',
    ])
  if (table === 'raw' && random.chance(0.3)) return '-j CT --notrack'
  if (random.chance(conditions > 1 ? 0.35 : 0.2))
    return table === 'filter' ? random.pick(['-j DROP', '-j REJECT']) : '-j DROP'
  return random.pick(['-j ACCEPT', '-j ACCEPT', '-j RETURN', ''])
}

function natTable(random: Random): string {
  const pre = random.pick([
    '-m addrtype --dst-type LOCAL -j DOCKER',
    '-i up0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.31.1.3:443',
    '-p tcp -m tcp --dport 8080 -j REDIRECT --to-ports 80',
    '-p tcp -m tcp --dport 8080 -j REDIRECT --to-ports 443-444',
    '-i up0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.31.1.3:80-90',
    '-i up0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.31.1.3:8000-8100',
    '-d 10.99.0.2/32 -p tcp -m multiport --dports 80,8080 -j DNAT --to-destination 172.31.2.2',
  ])
  const post = random.pick([
    '-s 172.31.1.0/24 ! -o bra -j MASQUERADE',
    '-s 172.31.0.0/16 -o up0 -j SNAT --to-source 10.99.0.2',
    '-o up0 -j MASQUERADE',
    '-o up0 -p tcp -j MASQUERADE --to-ports 1024-65535',
    '-s 172.31.0.0/16 -o up0 -p tcp -j SNAT --to-source 10.99.0.2:1024-65535',
    '-s 172.31.0.0/16 -d 172.31.0.0/16 -j RETURN',
  ])
  // As Docker has them, with and without docker-proxy.
  const output = random.pick([
    '-A OUTPUT ! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j DOCKER\n',
    '-A OUTPUT -m addrtype --dst-type LOCAL -j DOCKER\n-A POSTROUTING -o bra -m addrtype --src-type LOCAL -j MASQUERADE\n',
    '-A OUTPUT -p tcp -m tcp --dport 443 -j DNAT --to-destination 172.31.2.2:80\n',
    '',
  ])
  const hairpin = random.pick(['! -i bra ', ''])
  return `*nat\n:PREROUTING ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n:POSTROUTING ACCEPT [0:0]\n:DOCKER - [0:0]\n-A PREROUTING ${pre}\n-A DOCKER ${hairpin}-p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.31.1.${random.pick(['2', '3'])}:80\n${output}-A POSTROUTING ${post}\nCOMMIT\n`
}
