import { count, durationText } from '../../core/units.ts'
import type { LegAddressFact, LegFact } from '../../facts/path/leg.ts'
import type { MachineFact } from '../../facts/path/machine.ts'
import { isUnused, legFailures, legState, phaseTimes } from '../../facts/queries/path/legs.ts'
import type { Report } from '../../report/schema.ts'
import { legStatus } from '../leg-status.ts'
import { clean } from './clean.ts'
import { mark } from './paint.ts'

/** More legs than this are in the JSON report only. */
const maxLegs = 24

/** The legs that were probed, and this machine's way out where one of them failed. */
export function legLines({ legs = [], machine, endsAt }: LegsInput): string[] {
  const listed = legs.slice(0, maxLegs).flatMap((leg) => linesOf(leg, endsAt))
  const more = legs.length - maxLegs
  return [
    ...listed,
    ...(more > 0 ? [`and ${count(more, 'more leg')}; report_json has all`] : []),
    ...(machine && legs.some(isFailing) ? [machineLine(machine)] : []),
  ]
}

type LegsInput = Pick<Report, 'legs' | 'machine'> & {
  /** When the run ended, in milliseconds since the epoch: certificates are judged by it. */
  endsAt: number
}

const isFailing = (leg: LegFact): boolean => legFailures(leg).length > 0

/** One line for a leg that works at its only address; else one more for each address. */
function linesOf(leg: LegFact, at: number): string[] {
  const [only] = leg.addresses
  const state = legState(leg)
  const head = `${mark(legStatus[state])} ${leg.step.padEnd(9)} ${target(leg)}`
  if (state === 'proxied') return [`${head} · not probed: through the proxy ${clean(leg.proxy ?? '')}`]
  const lookup = lookupText(leg)
  if (only && leg.addresses.length === 1 && state === 'works')
    return [[head, lookup, addressText(leg, only, at)].filter(Boolean).join(' · ')]
  return [
    [head, lookup, state === 'unfinished' ? 'not finished' : ''].filter(Boolean).join(' · '),
    ...leg.addresses.map((one) => `  ${mark(stateOf(leg, one))} ${addressText(leg, one, at)}`),
  ]
}

/** The URL, with the names that the server is told where they are others; a mirror's bare address is told none. */
function target({ step, of, url, host, servername, hostHeader }: LegFact): string {
  const name = servername ?? (step === 'mirror' ? 'none' : undefined)
  const isOther = url.startsWith('https:') && name !== undefined && name !== host.replace(/:\d+$/, '')
  const names = [...(isOther ? [`SNI ${name}`] : []), ...(hostHeader === host ? [] : [`Host ${hostHeader}`])]
  return [
    clean(step === 'endpoint' ? of : url),
    ...(names.length > 0 ? [`(${names.map((one) => clean(one)).join(', ')})`] : []),
  ].join(' ')
}

function lookupText(leg: LegFact): string {
  if (leg.lookups.length === 0) return ''
  const failure = legFailures(leg).find(({ address }) => address === undefined)
  if (failure) return `DNS: ${clean(failure.why.detail)}${times(failure.failed, failure.of)}`
  const { source } = leg
  return `${source === 'hosts file' ? source : source.toUpperCase()} ${timeText(leg, 'dns')}`
}

/** One line for each address of a leg; one for the lookup where the name was not resolved, or nothing came of it. */
export function addressLines(leg: LegFact, at: number): string[] {
  const state = legState(leg)
  const isUnresolved = legFailures(leg).some(({ address }) => address === undefined)
  return [
    ...(isUnresolved ? [`${mark('fail')} ${lookupText(leg)}`] : []),
    ...leg.addresses.map((one) => `${mark(stateOf(leg, one))} ${addressText(leg, one, at)}`),
    ...(state === 'unfinished' ? [`${mark('unknown')} not finished`] : []),
  ]
}

function stateOf(leg: LegFact, one: LegAddressFact): 'pass' | 'warn' | 'fail' | 'unknown' | 'off' {
  if (isUnused(leg, one)) return 'off'
  return legStatus[legState({ ...leg, lookups: [], addresses: [one] })]
}

/** `192.0.2.10 · TCP 1 ms · TLS 5 ms · 401 in 3 ms · registry.lab, 60 days, SHA-256 3f2a…`. */
function addressText(leg: LegFact, one: LegAddressFact, at: number): string {
  if (isUnused(leg, one)) return `${clean(one.address)} · no route from this machine, not used`
  const alone: LegFact = { ...leg, lookups: [], addresses: [one] }
  const failures = legFailures(alone)
    .filter(({ why }) => why.status === undefined)
    .map(({ why, failed, of }) => `${clean(why.detail)}${times(failed, of)}`)
  const phases = [
    ['TCP', 'connect'],
    ['TLS', 'tls'],
  ] as const
  const passed = phases.flatMap(([name, phase]) => {
    const text = timeText(
      { ...alone, addresses: [{ ...one, attempts: one.attempts.filter(isPast(phase)) }] },
      phase,
    )
    return text === '' ? [] : [`${name} ${text}`]
  })
  const statuses = [...new Set(one.attempts.flatMap(({ status }) => status ?? []))]
  const answer = statuses.length > 0 ? [`HTTP ${statuses.join(', ')} in ${timeText(alone, 'headers')}`] : []
  return [clean(one.address), ...passed, ...answer, ...failures, ...certificateText(one, at)].join(' · ')
}

/** Whether an attempt completed a phase. */
const isPast =
  (phase: 'connect' | 'tls') =>
  ({ failure }: LegAddressFact['attempts'][number]): boolean =>
    failure === undefined ||
    (failure.kind !== 'run-stopped' &&
      (phase === 'connect' ? failure.phase !== 'connect' : !['connect', 'tls'].includes(failure.phase)))

/** `, 2 of 5`, where not all attempts failed. */
const times = (failed: number, of: number): string => (of > 1 ? ` (${failed} of ${of})` : '')

/** `12 ms`, or of several attempts `12 ms, 95 % within 40 ms`; empty without any. */
function timeText(leg: LegFact, phase: 'dns' | 'connect' | 'tls' | 'headers'): string {
  const found = phaseTimes(leg, phase)
  if (!found) return ''
  const { median, p95, of } = found
  return of > 1 ? `${durationText(median)} (95 %: ${durationText(p95)})` : durationText(median)
}

const dayMs = 86_400_000

function certificateText({ certificate }: LegAddressFact, at: number): string[] {
  if (!certificate) return []
  const { subject, validTo, sha256 } = certificate
  const days = Number.isNaN(validTo) ? '' : `, ${count(Math.floor((validTo - at) / dayMs), 'day')}`
  return [`certificate ${clean(subject, 80)}${days}, SHA-256 ${clean(sha256, 12)}`]
}

function machineLine({ device, mtu, gateway, resolvers }: MachineFact): string {
  const parts = [
    ...(device === undefined
      ? ['no default route']
      : [`${clean(device)}${mtu === undefined ? '' : ` MTU ${mtu}`}`]),
    ...(gateway === undefined ? [] : [`default route ${gateway}`]),
    resolvers.length > 0 ? `resolvers ${resolvers.join(', ')}` : 'no resolver',
  ]
  return `  this machine: ${parts.join(' · ')}`
}
