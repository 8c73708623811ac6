import type { NamesFact, NameUse } from '../../../facts/path/names.ts'
import type { PathFact } from '../../../facts/path.ts'
import type { Plan } from '../../../settings/plan/plan.ts'
import type { HttpClient } from '../../http/client.ts'
import { createNameObserver } from './names.ts'
import type { NameSources } from './sources.ts'

/** What observing names needs. */
export interface ObserveNamesOptions {
  plan: Pick<Plan, 'targets' | 'catalog' | 'endpoints'>
  client: Pick<HttpClient, 'isProxied'>
  signal: AbortSignal
  sources?: Partial<NameSources>
}

/**
 * Starts to ask for the names of the registries. The function it returns adds the hosts that requests were sent to and waits for
 * all answers. What is reached through a proxy is not asked for: the proxy looks it up.
 */
export function observeNames({
  plan,
  client,
  signal,
  sources = {},
}: ObserveNamesOptions): (path: Pick<PathFact, 'hosts'>) => Promise<NamesFact | undefined> {
  const observer = createNameObserver(signal, sources)
  const add = (origin: string, use: NameUse) => {
    if (!URL.canParse(origin) || client.isProxied(new URL(origin))) return
    observer.add([{ name: new URL(origin).hostname, use }])
  }
  const registries = plan.targets.map(({ reference: { apiHost } }) => apiHost)
  if (plan.catalog) registries.push(plan.catalog.apiHost)
  for (const host of registries) add(`https://${host}`, 'registry')
  for (const { url } of plan.endpoints) add(url.href, 'endpoint')
  return ({ hosts }) => {
    for (const { host, protocol, roles } of hosts)
      for (const role of roles) add(`${protocol}://${host}`, role)
    return observer.fact()
  }
}
