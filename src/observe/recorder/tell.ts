import type { Area } from '../../core/observed.ts'
import type { RunnerFact } from '../../facts/runner.ts'
import { splitLines, stripColour, visibleControls } from '../../log/text.ts'

/** Names of the files of one sample that a person reads, with what they say. */
export function textsOf(facts: RunnerFact): Record<string, string> {
  return {
    'rules.txt': lookText(facts.rules, ruleLines),
    'links.txt': lookText(facts.links, linkLines) + lookText(facts.routes, routeLines),
    'networks.txt':
      lookText(facts.engine, (engine) => [`${engine.flavour} ${engine.version}, API ${engine.apiVersion}`]) +
      lookText(facts.networks, networkLines) +
      lookText(facts.churn, churnLines),
    'kernel.txt':
      lookText(facts.kernel, kernelLines) +
      lookText(facts.conntrack, ({ count, max, drops }) => [
        `tracked connections: ${count} of ${max}, ${drops ?? 'nobody knows how many'} dropped meanwhile`,
      ]) +
      lookText(facts.pressure, pressureLines) +
      lookText(facts.programs, (programs) => [`programs: ${programs.join(', ')}`]),
    'ports.txt': lookText(facts.ports, portLines),
  }
}

type Value<L> = L extends { seen: true; value: infer V } ? V : never

/** What was seen and where, or why not; nothing in it reaches a terminal as a command. */
function lookText<T>(look: Area<T>, lines: (value: T) => string[]): string {
  const told = look.seen ? [`# ${look.from}`, ...lines(look.value)] : [`# not seen: ${look.why}`]
  return `${told.map(safe).join('\n')}\n\n`
}

const safe = (line: string): string => splitLines(stripColour(line)).map(visibleControls).join(' ')

function ruleLines({
  tables,
  truncated,
  passing,
  unread,
  writers,
  samples,
  lock,
  unwatched,
}: Value<RunnerFact['rules']>) {
  return [
    ...unread.map(({ backend, why }) => `# not read: ${backend}: ${why}`),
    ...(truncated ? ['# there are more rules than are kept'] : []),
    ...(passing ? [`# came, went or changed while we looked: ${passing.join(' ')}`] : []),
    ...writers.map(({ program, changes }) => `# changed rules ${changes} times while we looked: ${program}`),
    ...(unwatched === undefined ? [] : [`# nobody was watched writing: ${unwatched}`]),
    ...(lock ? [`# the lock was held for ${lock.waitedMs} ms by ${lock.heldBy}`] : []),
    ...(samples
      ? [
          `# FORWARD: ${samples.taken} looks in ${samples.overMs} ms, ${samples.distinct} states, ${samples.withoutUserJump} without a jump to DOCKER-USER`,
        ]
      : []),
    ...tables.flatMap(({ backend, family, name, chains, sets = [] }) => [
      '',
      `# ${backend} ${family}`,
      `*${name}`,
      ...chains.map(
        ({ name: chain, policy, hook }) =>
          `:${chain} ${policy ?? '-'}${hook === undefined || hook === chain ? '' : ` (${hook})`}`,
      ),
      ...chains.flatMap(({ name: chain, rules, leftOut }) => [
        ...rules.map((rule) => `-A ${chain} ${rule}`),
        ...(leftOut === undefined ? [] : [`# ${leftOut} more in ${chain}`]),
      ]),
      ...sets.map(({ name: set, elements }) => `# ${set}: ${elements.join(', ')}`),
    ]),
  ]
}

const linkLines = (links: Value<RunnerFact['links']>) =>
  links.map(({ index, name, kind, up, carrier, mtu, master, addresses }) =>
    [
      ...(index === undefined ? [] : [`${index}:`]),
      name,
      ...(kind === '' ? [] : [kind]),
      ...(up === undefined ? [] : [up ? (carrier ? 'up' : 'up, no carrier') : 'down']),
      ...(mtu === undefined ? [] : [`mtu ${mtu}`]),
      ...(master === undefined ? [] : [`in ${master}`]),
      ...addresses,
    ].join(' '),
  )

const routeLines = ({ routes, local, peers, resolvers, learnedMtus = [] }: Value<RunnerFact['routes']>) => [
  ...routes.map(
    ({ destination, device, gateway }) =>
      `${destination}${gateway === undefined ? '' : ` via ${gateway}`} dev ${device}`,
  ),
  `own addresses: ${local.join(' ')}`,
  `peers (public ones left out): ${peers.join(' ')}`,
  `resolvers: ${resolvers.join(' ')}`,
  ...learnedMtus.map(
    ({ destination, mtu, expiresInMs }) =>
      `learned: ${destination} mtu ${mtu} for ${Math.round(expiresInMs / 1000)} s more`,
  ),
]

const networkLines = (networks: Value<RunnerFact['networks']>) =>
  networks.map(
    ({ id, name, driver, bridge = '-', subnets, endpoints, owner, createdAt, internal }) =>
      `${id.slice(0, 12)} ${name} ${driver}${internal ? ' internal' : ''} ${bridge} ${subnets.join(' ') || '-'}, ${endpoints ?? '?'} endpoints, ${owner}${createdAt === undefined ? '' : `, made ${time(createdAt)}`}`,
  )

const churnLines = ({ window, changes }: Value<RunnerFact['churn']>) => [
  windowLine(window),
  ...changes.map(
    ({ at, what, name, bridge }) =>
      `${time(at)} ${what} ${name}${bridge === undefined || bridge === name ? '' : ` ${bridge}`}`,
  ),
]

const kernelLines = ({ window, lines }: Value<RunnerFact['kernel']>) => [
  windowLine(window),
  ...lines.map(({ at, kind, text }) => `${time(at)} ${kind}: ${text}`),
]

const windowLine = ({ from, to, truncated }: Value<RunnerFact['churn']>['window']) =>
  `from ${time(from)} to ${time(to)}${truncated ? '; what was before is lost' : ''}`

const pressureLines = ({
  cpu,
  io,
  memory,
  oomKills,
  softnetDropped,
  softnetSqueezed,
}: Value<RunnerFact['pressure']>) => [
  `waiting, in percent of the last 10 s: CPU ${cpu ?? '?'}, storage ${io ?? '?'}, memory ${memory ?? '?'}`,
  `while we looked: ${oomKills} processes killed for memory, ${softnetDropped} packets dropped before any rule, ${softnetSqueezed} times out of time`,
]

function portLines({ targets, listeners, listenDrops, beyond, skipped = [] }: Value<RunnerFact['ports']>) {
  const dialled = ({ port, result, ms, code, banner }: (typeof targets)[number]['ports'][number]) =>
    `  ${port} ${result}${code === undefined ? '' : ` ${code}`} after ${ms} ms${banner === undefined ? '' : `, banner ${banner}`}`
  return [
    ...targets.flatMap(({ address, name, host, ping, pingMs, pingSaid, canaries, ports, datagram }) => [
      `${address} (${name}${host === undefined ? '' : `, ${host}`}): ping ${ping}${pingMs === undefined ? '' : ` after ${pingMs} ms`}${pingSaid === undefined ? '' : `, ${pingSaid}`}${datagram === undefined ? '' : `; UDP to a closed port: ${datagram}`}`,
      ...ports.map(dialled),
      ...canaries.map((canary) => `${dialled(canary)} (nobody listens there)`),
    ]),
    ...skipped.map(({ what, why }) => `not dialled: ${what}: ${why}`),
    ...(beyond === undefined ? [] : [`beyond the host: ${beyond}`]),
    ...listeners.map(
      ({ address, port, queue, program }) =>
        `listening: ${address}:${port}${queue ? `, ${queue.waiting} of ${queue.limit} waiting` : ''}${program === undefined ? '' : `, ${program}`}`,
    ),
    ...(listenDrops === undefined
      ? []
      : [`connections dropped at full queues while we looked: ${listenDrops}`]),
  ]
}

export const time = (at: number): string => new Date(at).toISOString()
