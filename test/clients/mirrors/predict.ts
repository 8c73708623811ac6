import {
  type Answer,
  hostHeaderOf,
  hostnameOf,
  type Leg,
  type Pull,
  type Pulled,
  partsOf,
  servernameOf,
} from '../../../src/oci/runtimes/legs.ts'
import { answerOf, type Content, type Site } from './answers.ts'
import type { Logged } from './lab.ts'

/** What servers log of a request, and what a leg predicts of it. */
export type Request = Omit<Logged, 'status'>

/** The requests that arrive at the servers of a lab when these legs are walked, and how the pull ends. */
export function predict(
  pull: Pull,
  { sites, names, content }: { sites: Site[]; names: Record<string, string>; content: Content },
): { requests: Request[]; pulled: Pulled } {
  const requests: Request[] = []
  let step = pull.next()
  while (!step.done) {
    const arriving = arrivalOf(step.value, sites, names)
    if (arriving) requests.push(arriving.request)
    const answer: Answer = arriving
      ? answerOf(arriving.site, arriving.request, content).answer
      : { failure: failureOf(step.value, sites, names) }
    step = pull.next(answer)
  }
  return { requests, pulled: step.value }
}

/** Why no request of a leg arrives. */
function failureOf({ url }: Leg, sites: Site[], names: Record<string, string>): string {
  const site = siteOf(url, sites, names)
  if (!site) return 'connection-refused'
  return !site.tls && url.startsWith('https:') ? 'tls-plain-http' : 'tls-untrusted'
}

function siteOf(url: string, sites: Site[], names: Record<string, string>): Site | undefined {
  const { protocol, host } = partsOf(url)
  const port = Number(/:(\d+)$/.exec(host)?.[1] ?? (protocol === 'https' ? 443 : 80))
  const hostname = hostnameOf(host)
  return sites.find((one) => one.address === (names[hostname] ?? hostname) && one.port === port)
}

/** The request of a leg, and the server that gets it; undefined where none does, or where TLS fails before. */
function arrivalOf(
  { url, method, authorized, endpoint }: Leg,
  sites: Site[],
  names: Record<string, string>,
): { request: Request; site: Site } | undefined {
  const { protocol, path } = partsOf(url)
  const site = siteOf(url, sites, names)
  const servername = servernameOf(url)
  if (!site || (site.tls !== undefined) !== (protocol === 'https')) return undefined
  const isTrusted = servername !== undefined && site.tls?.includes(servername)
  if (site.tls && !isTrusted && !endpoint.skipVerify) return undefined
  const { address, port } = site
  const request = { method, path, host: hostHeaderOf(url), authorized, address, port }
  return { site, request: { ...request, ...(servername === undefined ? {} : { servername }) } }
}

/**
 * Requests in a form that can be compared: in order, but for blobs, which runtimes fetch at the same time, so that any of them may
 * be the one that gets the token for all. The first blob that fails ends the others early, so then only the longest counts.
 * Repeated requests count once.
 */
export function comparable(requests: Request[], { told }: Pulled): Record<string, string[]> {
  const groups = Map.groupBy(requests, ({ path }) => /blobs\/[^/?]+/.exec(path)?.[0] ?? inOrder)
  const all = [...groups].map(([name, group]) => [name, linesOf(name, group)] as const)
  if (!told?.leg.object.startsWith('blobs/')) return Object.fromEntries(all)
  const [longest] = all
    .filter(([name]) => name !== inOrder)
    .toSorted(([, a], [, b]) => b.length - a.length)
    .map(([name, lines]) => lines.map((line) => line.replace(name, 'a blob')))
  return { ...Object.fromEntries(all.filter(([name]) => name === inOrder)), 'a blob': longest ?? [] }
}

const inOrder = 'in order'
const withToken = ' with a token'

function linesOf(name: string, group: Request[]): string[] {
  const lines = group.map(lineOf).filter((line, at, all) => line !== all[at - 1])
  const isRepeated = (line: string, at: number) => lines[at + 1] === `${line}${withToken}`
  return name === inOrder ? onePull(lines) : lines.filter((line, at) => !isRepeated(line, at))
}

/** Podman tries a whole pull again where a connection failed. */
function onePull(lines: string[]): string[] {
  const length = lines.findIndex((_, at) => at > 0 && lines.every((line, n) => line === lines[n % at]))
  return length > 0 && lines.length % length === 0 ? lines.slice(0, length) : lines
}

const lineOf = ({ method, path, host, authorized, address, port, servername }: Request): string =>
  `${address}:${port} sni=${servername ?? '-'} host=${host} ${method} ${path}${authorized ? withToken : ''}`
