import type { NameFact, NamesFact, NameUse } from '../../../facts/path/names.ts'
import type { HostFact } from '../../../facts/path.ts'
import type { Plan } from '../../../settings/plan/plan.ts'
import type { HttpClient } from '../../http/client.ts'
import type { Requests } from '../path.ts'
import { type ProbeOptions, probeLeg } from '../probe-leg.ts'
import { createNameObserver } from './names.ts'
import type { NameSources } from './sources.ts'

/** What observing names needs. */
export interface ObserveNamesOptions {
  plan: Pick<Plan, 'targets' | 'catalog' | 'endpoints' | 'names'>
  client: Pick<HttpClient, 'isProxied'>
  signal: AbortSignal
  sources?: Partial<NameSources>
  /** How the addresses of a name are dialled. */
  probe: ProbeOptions
  /** The settings expect names to have certain addresses: these are then dialled even if no request failed. */
  expectsAddresses: boolean
}

/**
 * Starts to ask for the names of the registries. The function it returns adds the hosts that requests were sent to and waits for
 * all answers. What is reached through a proxy is not asked for: the proxy looks it up.
 */
export function observeNames(
  options: ObserveNamesOptions,
): (requests: Requests) => Promise<NamesFact | undefined> {
  const { plan, client, signal, sources = {} } = options
  const observer = createNameObserver(signal, sources)
  const add = (origin: string, use: NameUse) => {
    if (!URL.canParse(origin) || client.isProxied(new URL(origin))) return
    observer.add([{ name: new URL(origin).hostname, use }])
  }
  const registries = plan.targets.map(({ reference: { apiHost } }) => apiHost)
  if (plan.catalog) registries.push(plan.catalog.apiHost)
  for (const host of registries) add(`https://${host}`, 'registry')
  for (const { url } of plan.endpoints) add(url.href, 'endpoint')
  observer.add(plan.names.map((name) => ({ name, use: 'names' })))
  return async (requests) => {
    for (const { host, protocol, roles } of requests.path.hosts)
      for (const role of roles) add(`${protocol}://${host}`, role)
    const fact = await observer.fact()
    return (
      fact && {
        ...fact,
        names: await Promise.all(fact.names.map((name) => withDialled(name, requests, options))),
      }
    )
  }
}

const maxDialled = 6

/** Only hosts that the settings name: what a registry leads to must not make this process dial other addresses. */
async function withDialled(
  name: NameFact,
  { path, isFailing }: Requests,
  { probe, expectsAddresses }: ObserveNamesOptions,
): Promise<NameFact> {
  const host = path.hosts.find(({ host, roles }) => nameIn(host) === name.name && roles.includes('registry'))
  const isWanted = isFailing || expectsAddresses || name.uses.includes('names')
  const addresses = addressesOf(name)
  if (!host || !isWanted || addresses.length <= name.libc.addresses.length) return name
  const url = new URL(`${host.protocol}://${host.host}/v2/`)
  const leg = await probeLeg({ step: 'challenge', of: name.name, url, addresses }, probe)
  return { ...name, dialled: leg.addresses }
}

const nameIn = (host: HostFact['host']): string => new URL(`https://${host}`).hostname

const addressesOf = ({ libc, pins, answers }: NameFact): string[] =>
  [
    ...new Set([
      ...libc.addresses,
      ...pins,
      ...answers.flatMap(({ ipv4, ipv6 }) => [...ipv4.addresses, ...ipv6.addresses]),
    ]),
  ].slice(0, maxDialled)
