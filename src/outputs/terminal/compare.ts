import { count } from '../../core/units.ts'
import type { ComparedLeg, View, Where } from '../../explain/compare.ts'
import { clean } from './clean.ts'
import { addressLines } from './legs.ts'
import { mark, paint } from './paint.ts'

/** The text of a comparison: each leg from each vantage, what that says, the verdict, and the exit code. */
export function comparisonText(
  legs: readonly ComparedLeg[],
  views: readonly View[],
  exitCode: number,
): string {
  const width = Math.max(...views.map(({ vantage }) => clean(vantage, 40).length))
  const blocks = legs.flatMap((leg) => [
    `${mark(statusOf(leg.verdict))} ${leg.step} ${clean(leg.url)}${paint.bold(whereText(leg.verdict))}`,
    ...views.flatMap(({ vantage, at }, n) => {
      const seen = leg.seen[n]
      const lines = seen ? addressLines(seen, at) : [`${mark('off')} not probed`]
      return lines.map((line) => `    ${clean(vantage, 40).padEnd(width)}  ${line}`)
    }),
  ])
  const names = views.map(({ vantage }) => clean(vantage, 40)).join(', ')
  return [
    paint.bold(`regguard · ${count(legs.length, 'leg')} from ${names}`),
    '',
    ...blocks,
    '',
    ...verdictLines(legs, exitCode),
    '',
  ].join('\n')
}

function statusOf({ where }: Where): 'pass' | 'fail' | 'unknown' {
  if (where === 'unknown') return 'unknown'
  return where === 'nowhere' ? 'pass' : 'fail'
}

function whereText(verdict: Where): string {
  const text = failsText(verdict)
  return text === '' ? '' : ` · ${text}`
}

/** `fails only from vm`; empty where nothing fails. */
function failsText(verdict: Where): string {
  switch (verdict.where) {
    case 'nowhere':
      return ''
    case 'unknown':
      return 'no outcome'
    case 'everywhere':
      return 'fails from everywhere'
    case 'unclear':
      return 'fails from the only place that probed it'
    case 'some':
      return `fails only from ${verdict.vantages.map((name) => clean(name, 40)).join(', ')}`
    case 'public-address':
      return `fails only by the public address ${addressText(verdict.addresses)}; ${addressText(verdict.answering)} answers`
  }
}

const addressText = (addresses: readonly string[]): string => addresses.map((one) => clean(one)).join(', ')

const advice: Record<Where['where'], string> = {
  nowhere: '',
  unknown: 'The runs ended before, or go through a proxy, behind which nothing is probed.',
  everywhere: 'The server, or something that all of them share, is at fault.',
  unclear: 'Probe it from another place to tell the server from the way to it.',
  some: 'The way from there to this host is at fault: resolvers, routes, firewalls, MTU; not the server.',
  'public-address':
    'The server is healthy. Let its name resolve to the internal address wherever it is used: split DNS, or a pin on every node.',
}

/** Where several hosts fail from one place, what they share is the way out of it. */
const egressAdvice =
  'The way out of that machine is at fault: its MTU, NAT, firewall or resolvers; not the servers.'

function adviceFor(same: readonly ComparedLeg[]): string {
  const where = same[0]?.verdict.where ?? 'nowhere'
  const hosts = new Set(same.map(({ url }) => (URL.canParse(url) ? new URL(url).host : url)))
  return where === 'some' && hosts.size > 1 ? egressAdvice : advice[where]
}

/** The verdicts of all legs, the most frequent first, each with what it means. */
function verdictLines(legs: readonly ComparedLeg[], exitCode: number): string[] {
  const passed = legs.filter(({ verdict }) => verdict.where === 'nowhere')
  const others = legs.filter(({ verdict }) => verdict.where !== 'nowhere')
  const groups = [...Map.groupBy(others, ({ verdict }) => failsText(verdict))].toSorted(
    ([, a], [, b]) => b.length - a.length,
  )
  const word = (same: readonly ComparedLeg[]) =>
    same[0]?.verdict.where === 'unknown' ? paint.yellow('NOT CHECKED') : `${paint.red('FAILED')}   `
  return [
    ...groups.flatMap(([text, same]) => [
      `${word(same)} ${text}: ${count(same.length, 'leg')} of ${legs.length}`,
      `            ${adviceFor(same)}`,
    ]),
    ...(others.length === 0 ? [`${paint.green('PASSED')}    no leg fails from any vantage`] : []),
    ...(others.length > 0 && passed.length > 0
      ? [`${count(passed.length, 'leg')} of ${legs.length} fail nowhere`]
      : []),
    `exit ${exitCode}`,
  ]
}
