import { count } from '../../core/units.ts'
import { type LegState, legState } from '../../facts/queries/path/legs.ts'
import type { Report, ReportHost } from '../../report/schema.ts'
import { clean } from './clean.ts'
import type { Block } from './images.ts'
import { legLines } from './legs.ts'
import { mirrorLines } from './mirrors.ts'
import { mtuLines } from './mtu.ts'
import { nameLines, namesTitle } from './names.ts'
import { mark, paint } from './paint.ts'

const indent = '          '

/** One line for each registry and one for all endpoints; below them the names, legs, path MTUs and mirrors that were probed. */
export function pathBlocks(report: Report): Block[] {
  const { status = 'off' } = report.groups.find(({ group }) => group === 'path') ?? {}
  const ofHosts = [...hostLines(report), ...endpointsLine(report)]
  const titles = ofHosts.length > 0 ? ofHosts : namesTitle(report)
  const blocks = titles.map(
    (text): Block => ({ title: `${mark(status)} ${paint.bold('path')}    ${text}`, lines: [] }),
  )
  const endsAt = Date.parse(report.startedAt) + report.durationMs
  const lines = [
    ...nameLines(report),
    ...legLines({ ...report, endsAt }),
    ...mtuLines(report),
    ...mirrorLines(report),
  ]
  blocks.at(-1)?.lines.push(...lines.map((text) => `${indent}${text}`))
  return blocks
}

/** `6 endpoints probed, 5 times each: 2 do not answer every time`. */
function endpointsLine({ legs = [] }: Report): string[] {
  const endpoints = legs.filter(({ step }) => step === 'endpoint')
  if (endpoints.length === 0) return []
  const rounds = Math.max(
    ...endpoints.flatMap(({ addresses }) => addresses.map(({ attempts }) => attempts.length)),
    1,
  )
  const inState = (...states: LegState[]) => endpoints.filter((leg) => states.includes(legState(leg))).length
  const parts = [
    [inState('fails', 'sometimes'), 'fail'],
    [inState('unfinished'), 'not finished'],
    [inState('proxied'), 'not probed (behind a proxy)'],
  ] as const
  const outcome = parts.flatMap(([n, text]) => (n > 0 ? [`${n} of ${endpoints.length} ${text}`] : []))
  const times = rounds > 1 ? `, ${rounds} times each` : ''
  return [`${count(endpoints.length, 'endpoint')} probed${times}: ${outcome.join(', ') || 'all answer'}`]
}

/** How each registry was reached, in one line a registry. */
export function hostLines({ hosts }: Pick<Report, 'hosts'>): string[] {
  const registries = hosts.filter(({ roles }) => roles.includes('registry'))
  return registries.map((host) => hostLine(host, hosts, registries.length === 1))
}

function hostLine(host: ReportHost, hosts: ReportHost[], only: boolean): string {
  const source = host.source === 'hosts file' ? ' (hosts file)' : ''
  const parts = [`${clean(host.host)} → ${place(host)}${source}`, security(host)]
  if (only && isReached(host)) {
    parts.push(servedBy('token', 'token', host, hosts), servedBy('storage', 'blobs', host, hosts))
  }
  if (host.rateLimit) parts.push(`${allowed(host.rateLimit)} left`)
  if (host.retried > 0) parts.push(`${count(host.retried, 'request')} retried`)
  return parts.filter(Boolean).join(' · ')
}

/** Behind a proxy no address is known, though the host was reached. */
const isReached = ({ addresses, proxy }: ReportHost): boolean => addresses.length > 0 || proxy !== undefined

function place({ addresses, proxy }: ReportHost): string {
  if (proxy !== undefined) return `the proxy ${clean(proxy)}`
  return addresses.length > 0 ? addresses.join(', ') : 'not reached'
}

const allowed = ({ remaining, limit }: NonNullable<ReportHost['rateLimit']>): string =>
  `${remaining}${limit === undefined ? '' : ` of ${limit}`} requests`

function security(host: ReportHost): string {
  const { protocol, certificate, http2 } = host
  if (!isReached(host)) return ''
  if (protocol === 'http') return 'plain HTTP'
  const version = http2 ? ', HTTP/2' : ''
  if (!certificate) return `TLS${version}`
  const { verified, daysLeft } = certificate
  return `${verified ? 'TLS ok' : 'TLS NOT VERIFIED'}, ${count(daysLeft, 'day')}${version}`
}

function servedBy(role: 'token' | 'storage', name: string, host: ReportHost, hosts: ReportHost[]): string {
  const others = hosts
    .filter((other) => other !== host && other.roles.includes(role))
    .map((other) => clean(other.host))
  if (others.length > 0) return `${name} from ${others.join(', ')}`
  if (role === 'storage') return host.servesBlobs ? 'blobs from the same host' : ''
  return host.roles.includes('token') ? 'token from the same host' : ''
}
