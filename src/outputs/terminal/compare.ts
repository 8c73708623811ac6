import { count } from '../../core/units.ts'
import type { ComparedLeg, View, Where } from '../../explain/compare.ts'
import type { LegFact } from '../../facts/path/leg.ts'
import { type LegState, legFailures, legState } from '../../facts/queries/path/legs.ts'
import { areUnrelated } from '../../facts/queries/path/shared-failures.ts'
import { legStatus } from '../leg-status.ts'
import { clean } from './clean.ts'
import { placeLines, placeNames, relationText } from './compare-places.ts'
import { addressLines } from './legs.ts'
import { mark, paint } from './paint.ts'

/** With more places than this, those that see a leg alike are one line. */
const maxPlaces = 4

/** The text of a comparison: each leg from each vantage, what that says, the verdict, and the exit code. */
export function comparisonText(
  legs: readonly ComparedLeg[],
  views: readonly View[],
  exitCode: number,
): string {
  const blocks = legs.flatMap((leg) => [
    `${mark(statusOf(leg.verdict))} ${leg.step} ${clean(leg.url)}${paint.bold(whereText(leg.verdict))}`,
    ...(views.length > maxPlaces ? groupedLines(leg, views) : lines(leg, views)),
  ])
  const places = placeLines(views)
  const names = placeNames(views.map(({ vantage }) => vantage))
  return [
    paint.bold(`regguard · ${count(legs.length, 'leg')} from ${names}`),
    '',
    ...blocks,
    ...(places.length > 0 ? ['', paint.bold('The ways out'), ...places] : []),
    '',
    ...verdictLines(legs, exitCode),
    '',
  ].join('\n')
}

/** Every address of a leg from every place. */
function lines({ seen }: ComparedLeg, views: readonly View[]): string[] {
  const width = Math.max(...views.map(({ vantage }) => clean(vantage, 40).length))
  return views.flatMap(({ vantage, at }, n) => {
    const leg = seen[n]
    const own = leg ? addressLines(leg, at) : [`${mark('off')} not probed`]
    return own.map((text) => `    ${clean(vantage, 40).padEnd(width)}  ${text}`)
  })
}

/** The same where there are many places: those that see it alike together, those first from which it fails. */
function groupedLines({ seen }: ComparedLeg, views: readonly View[]): string[] {
  const own = views.map(({ vantage }, at) => ({ vantage, ...outcomeOf(seen[at]) }))
  return [...Map.groupBy(own, ({ status, text }) => `${status} ${text}`).values()]
    .toSorted((a, b) => order(a[0]?.status) - order(b[0]?.status))
    .map(
      (same) =>
        `    ${mark(same[0]?.status ?? 'off')} ${placeNames(same.map(({ vantage }) => vantage))}: ${clean(same[0]?.text ?? '', 200)}`,
    )
}

const order = (status: string | undefined): number =>
  ['fail', 'warn', 'unknown', 'pass', 'off'].indexOf(status ?? 'off')

/** How one place sees a leg, without times. */
function outcomeOf(leg: LegFact | undefined): { status: (typeof legStatus)[LegState]; text: string } {
  if (!leg) return { status: 'off', text: 'not probed' }
  const state = legState(leg)
  const failures = legFailures(leg).map(
    ({ address, why, failed, of }) =>
      `${address === undefined ? '' : `${address} `}${why.detail}${of > 1 ? ` (${failed} of ${of})` : ''}`,
  )
  const answered = leg.addresses.filter(({ attempts }) => attempts.some(({ status }) => status !== undefined))
  const text = failures.length > 0 ? failures : answered.map(({ address }) => address)
  return {
    status: legStatus[state],
    text: state === 'unfinished' ? 'not finished' : text.join(', ') || state,
  }
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
      return `fails only from ${placeNames(verdict.vantages)}`
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

/** What the verdict of these legs means; the first sentence, and what the places show of where it breaks. */
function adviceFor(same: readonly ComparedLeg[], passed: readonly ComparedLeg[]): string[] {
  const { verdict, relations = [] } = same[0] ?? {}
  const where = verdict?.where ?? 'nowhere'
  const hosts = [...new Set(same.map(({ url }) => (URL.canParse(url) ? new URL(url).hostname : url)))]
  if (where === 'everywhere' && areUnrelated(hosts))
    return [
      'These hosts have nothing to do with each other: what all places share is at fault.',
      ...relations.map(relationText),
    ]
  if (where === 'everywhere' && passed.length > 0)
    return ['The server, or the way to it alone, is at fault: other hosts answer from the same places.']
  if (where === 'everywhere') return [advice.everywhere, ...relations.map(relationText)]
  if (where !== 'some') return [advice[where]]
  return [hosts.length > 1 ? egressAdvice : advice.some, ...relations.map(relationText)]
}

/** The verdicts of all legs, the most frequent first, each with what it means. */
function verdictLines(legs: readonly ComparedLeg[], exitCode: number): string[] {
  const passed = legs.filter(({ verdict }) => verdict.where === 'nowhere')
  const others = legs.filter(({ verdict }) => verdict.where !== 'nowhere')
  const groups = [...Map.groupBy(others, ({ verdict }) => JSON.stringify(verdict))].toSorted(
    ([, a], [, b]) => b.length - a.length,
  )
  const word = (same: readonly ComparedLeg[]) =>
    same[0]?.verdict.where === 'unknown' ? paint.yellow('NOT CHECKED') : `${paint.red('FAILED')}   `
  return [
    ...groups.flatMap(([, same]) => [
      `${word(same)} ${same[0] ? failsText(same[0].verdict) : ''}: ${count(same.length, 'leg')} of ${legs.length}`,
      ...adviceFor(same, passed).map((text) => `            ${text}`),
    ]),
    ...(others.length === 0 ? [`${paint.green('PASSED')}    no leg fails from any vantage`] : []),
    ...(others.length > 0 && passed.length > 0
      ? [`${count(passed.length, 'leg')} of ${legs.length} fail nowhere`]
      : []),
    `exit ${exitCode}`,
  ]
}
