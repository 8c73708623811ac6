import type { Failure } from '../../../core/failure.ts'
import { addressClass } from '../../../net/address-class.ts'
import type { MirrorEndpoint, MirrorPull, MirrorsFact, WalkedLeg } from '../../path/mirrors.ts'

/** An endpoint with the pull that it is part of. */
export interface Placed {
  endpoint: MirrorEndpoint
  pull: MirrorPull
}

/**
 * The endpoints of all pulls, each once: versions of a runtime that differ in nothing send the same requests. Of several, the one
 * whose pull fails.
 */
function endpointsIn({ pulls }: MirrorsFact): Placed[] {
  const all = pulls
    .toSorted((a, b) => Number(b.ok) - Number(a.ok))
    .flatMap((pull) => pull.endpoints.map((endpoint) => ({ endpoint, pull })))
  const keyOf = ({ endpoint, pull }: Placed) => `${pull.registry} ${endpoint.role} ${endpoint.url}`
  return [...new Map(all.map((one) => [keyOf(one), one])).values()]
}

/** The mirrors of all pulls, each once. */
export const mirrorsIn = (mirrors: MirrorsFact): Placed[] =>
  endpointsIn(mirrors).filter(({ endpoint }) => endpoint.role === 'mirror')

/**
 * The first request to an endpoint itself, not to a token server or storage that it led to. One that was answered counts before one
 * that was not: an insecure registry is asked over TLS first, and then in plain HTTP.
 */
export function ownLeg({ legs }: MirrorEndpoint): WalkedLeg | undefined {
  const own = legs.filter(({ leg }) => leg.step === 'mirror')
  return own.find(({ status }) => status !== undefined) ?? own[0]
}

/** Whether a status says that a registry is there and takes requests for the image, with a token or without. */
export const isServing = ({ status }: WalkedLeg): boolean =>
  status !== undefined && (status === 401 || (status >= 200 && status < 400))

/** Whether a request was sent and failed: neither did the run end before, nor did it lead where this run does not go. */
export const isBroken = ({ failure }: WalkedLeg): boolean =>
  failure !== undefined && !['run-stopped', 'redirect-refused'].includes(failure.kind)

/** Whether the same address serves the image under the name of the registry, and not under its own. */
export function isMisnamed(endpoint: MirrorEndpoint): boolean {
  const own = ownLeg(endpoint)
  return own !== undefined && !isServing(own) && endpoint.asNamed !== undefined && isServing(endpoint.asNamed)
}

/** The registry itself where it cannot be reached. */
export function brokenRegistry({
  endpoints,
}: MirrorPull): { endpoint: MirrorEndpoint; own: WalkedLeg; why: Failure } | undefined {
  const endpoint = endpoints.find(({ role }) => role === 'registry')
  if (!endpoint) return undefined
  const own = ownLeg(endpoint)
  if (!own?.failure || own.failure.kind === 'run-stopped') return undefined
  return { endpoint, own, why: own.failure }
}

/** The address that a leg was sent to, with the port: the one that answered before one that did not. */
export function addressOf({ leg }: WalkedLeg): string {
  const { protocol, port, host } = new URL(leg.url)
  const answered = leg.addresses.find(({ attempts }) => attempts.some(({ status }) => status !== undefined))
  const { address } = answered ?? leg.addresses[0] ?? {}
  if (address === undefined) return host
  const number = port || (protocol === 'https:' ? '443' : '80')
  return address.includes(':') ? `[${address}]:${number}` : `${address}:${number}`
}

/** What came of a leg, in a few words: `HTTP 404`, `connection timed out after 5 s`. */
export const outcomeText = ({ status, failure }: WalkedLeg): string =>
  failure?.detail ?? (status === undefined ? 'not probed' : `HTTP ${status}`)

/** What came of a leg, with the address that it was sent to. */
export function placedOutcome(walked: WalkedLeg): string {
  const [address, outcome] = [addressOf(walked), outcomeText(walked)]
  return outcome.includes(address) ? outcome : `${address}: ${outcome}`
}

/** A leg in one line: where to, under which names, and what came of it. */
export function legText(walked: WalkedLeg): string {
  const { leg } = walked
  const { subject } = leg.addresses.find(({ certificate }) => certificate)?.certificate ?? {}
  const names = leg.url.startsWith('https:')
    ? `SNI ${leg.servername ?? 'none'}, Host ${leg.hostHeader}`
    : `Host ${leg.hostHeader}`
  const certificate = subject === undefined ? '' : `, certificate ${subject}`
  return `${leg.url} at ${addressOf(walked)} (${names}): ${outcomeText(walked)}${certificate}`
}

/** Where an endpoint is configured: `FILE, [host."https://10.0.0.5"]`. */
export const originText = ({ file, key }: Pick<MirrorEndpoint, 'file' | 'key'>): string[] =>
  file === undefined ? [] : [key === undefined ? file : `${file}: ${key}`]

/** Whether every address of a leg is inside a network, or none is. */
export function isInternalLeg({ leg }: WalkedLeg): boolean | undefined {
  const inside = leg.addresses.map(({ address }) => ['private', 'loopback'].includes(addressClass(address)))
  if (inside.length === 0) return undefined
  return inside.every(Boolean) ? true : inside.some(Boolean) ? undefined : false
}
