import type { Area } from '../../core/observed.ts'
import type { RunnerFact } from '../../facts/runner.ts'
import { splitLines, stripColour, visibleControls } from '../../log/text.ts'
import { isoTime } from './time.ts'

/** The text files of one sample, for people: contents by file name. */
export function sampleFiles(facts: RunnerFact): Record<string, string> {
  return {
    'rules.txt': areaText(facts.rules, ruleLines),
    'links.txt': areaText(facts.links, linkLines) + areaText(facts.routes, routeLines),
    'networks.txt':
      areaText(facts.engine, (engine) => [`${engine.flavour} ${engine.version}, API ${engine.apiVersion}`]) +
      areaText(facts.networks, networkLines) +
      areaText(facts.churn, churnLines),
    'kernel.txt':
      areaText(facts.kernel, kernelLines) +
      areaText(facts.conntrack, ({ count, max, drops }) => [
        `tracked connections: ${count} of ${max}, ${drops ?? 'an unknown number'} dropped while watching`,
      ]) +
      areaText(facts.pressure, pressureLines) +
      areaText(facts.programs, (programs) => [`programs: ${programs.join(', ')}`]),
    'ports.txt': areaText(facts.ports, portLines),
  }
}

type Value<A> = A extends { seen: true; value: infer V } ? V : never

/** The lines of an area and its source, or why it was not inspected; without control characters. */
function areaText<T>(area: Area<T>, lines: (value: T) => string[]): string {
  const text = area.seen ? [`# ${area.from}`, ...lines(area.value)] : [`# not inspected: ${area.why}`]
  return `${text.map(safeLine).join('\n')}\n\n`
}

const safeLine = (line: string): string => splitLines(stripColour(line)).map(visibleControls).join(' ')

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
    ...(truncated ? ['# truncated: there are more rules than are kept'] : []),
    ...(passing ? [`# interfaces that changed while watching: ${passing.join(' ')}`] : []),
    ...writers.map(({ program, changes }) => `# ${program} changed rules ${changes} times while watching`),
    ...(unwatched === undefined ? [] : [`# rule changes were not watched: ${unwatched}`]),
    ...(lock ? [`# ${lock.heldBy} held the xtables lock for ${lock.waitedMs} ms`] : []),
    ...(samples
      ? [
          `# FORWARD: ${samples.taken} readings in ${samples.overMs} ms, ${samples.distinct} different states, ${samples.withoutUserJump} without a jump to DOCKER-USER`,
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
        ...(leftOut === undefined ? [] : [`# ${leftOut} more rules in ${chain} are left out`]),
      ]),
      ...sets.map(({ name: set, elements }) => `# ${set}: ${elementsText(elements)}`),
    ]),
  ]
}

const maxElements = 200

function elementsText(elements: string[]): string {
  const more = elements.length - maxElements
  return [...elements.slice(0, maxElements), ...(more > 0 ? [`and ${more} more`] : [])].join(', ')
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
  `addresses of the host: ${local.join(' ')}`,
  `peers (public ones are left out): ${peers.join(' ')}`,
  `resolvers: ${resolvers.join(' ')}`,
  ...learnedMtus.map(
    ({ destination, mtu, expiresInMs }) =>
      `learned path MTU: ${destination} mtu ${mtu}, expires in ${Math.round(expiresInMs / 1000)} s`,
  ),
]

const networkLines = (networks: Value<RunnerFact['networks']>) =>
  networks.map(
    ({ id, name, driver, bridge = '-', subnets, endpoints, owner, createdAt, internal }) =>
      `${id.slice(0, 12)} ${name} ${driver}${internal ? ' internal' : ''} ${bridge} ${subnets.join(' ') || '-'}, ${endpoints ?? '?'} endpoints, ${owner}${createdAt === undefined ? '' : `, created ${isoTime(createdAt)}`}`,
  )

const churnLines = ({ window, changes }: Value<RunnerFact['churn']>) => [
  windowLine(window),
  ...changes.map(
    ({ at, what, name, bridge }) =>
      `${isoTime(at)} ${what} ${name}${bridge === undefined || bridge === name ? '' : ` ${bridge}`}`,
  ),
]

const kernelLines = ({ window, lines }: Value<RunnerFact['kernel']>) => [
  windowLine(window),
  ...lines.map(({ at, kind, text }) => `${isoTime(at)} ${kind}: ${text}`),
]

const windowLine = ({ from, to, truncated }: Value<RunnerFact['churn']>['window']) =>
  `from ${isoTime(from)} to ${isoTime(to)}${truncated ? '; older entries are lost' : ''}`

const pressureLines = ({
  cpu,
  io,
  memory,
  oomKills,
  softnetDropped,
  softnetSqueezed,
}: Value<RunnerFact['pressure']>) => [
  `pressure, in percent of the last 10 s: CPU ${cpu ?? '?'}, storage ${io ?? '?'}, memory ${memory ?? '?'}`,
  `while watching: ${oomKills} processes killed for lack of memory, ${softnetDropped} packets dropped before any rule, softirq ran out of budget ${softnetSqueezed} times`,
]

function portLines({ targets, listeners, listenDrops, beyond, skipped = [] }: Value<RunnerFact['ports']>) {
  const dialText = ({ port, result, ms, code, banner }: (typeof targets)[number]['ports'][number]) =>
    `  ${port} ${result}${code === undefined ? '' : ` ${code}`} after ${ms} ms${banner === undefined ? '' : `, banner ${banner}`}`
  return [
    ...targets.flatMap(({ address, name, host, ping, pingMs, pingSaid, canaries, ports, datagram }) => [
      `${address} (${name}${host === undefined ? '' : `, ${host}`}): ping ${ping}${pingMs === undefined ? '' : ` after ${pingMs} ms`}${pingSaid === undefined ? '' : `, ${pingSaid}`}${datagram === undefined ? '' : `; UDP to a closed port: ${datagram}`}`,
      ...ports.map(dialText),
      ...canaries.map((canary) => `${dialText(canary)} (canary: nothing should listen)`),
    ]),
    ...skipped.map(({ what, why }) => `not dialled: ${what}: ${why}`),
    ...(beyond === undefined ? [] : [`beyond the host: ${beyond}`]),
    ...listeners.map(
      ({ address, port, queue, program }) =>
        `listening: ${address}:${port}${queue ? `, ${queue.waiting} of ${queue.limit} waiting` : ''}${program === undefined ? '' : `, ${program}`}`,
    ),
    ...(listenDrops === undefined
      ? []
      : [`connections dropped at full queues while watching: ${listenDrops}`]),
  ]
}
