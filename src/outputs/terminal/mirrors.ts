import type { MirrorEndpoint, MirrorPull } from '../../facts/path/mirrors.ts'
import { isServing, ownLeg, placedOutcome } from '../../facts/queries/path/mirrors.ts'
import type { Report } from '../../report/schema.ts'
import { clean } from './clean.ts'
import { mark } from './paint.ts'

/** More are in the JSON report only. */
const maxLines = 12

/** One line for each endpoint of a pull, in the order in which runtimes ask them; nothing where no mirror is configured. */
export function mirrorLines({ mirrors }: Pick<Report, 'mirrors'>): string[] {
  if (!mirrors) return []
  const pulls = mirrors.pulls.filter(({ endpoints }) => endpoints.length > 1)
  if (pulls.length === 0 && mirrors.configs.length > 0) {
    const registries = [...new Set(mirrors.pulls.map(({ registry }) => clean(registry)))]
    return registries.length > 0
      ? [`${mark('off')} mirrors   none is configured for ${registries.join(', ')}`]
      : []
  }
  const runtimes = Map.groupBy(
    pulls.flatMap((pull) => pull.endpoints.map((endpoint) => ({ pull, text: lineOf(endpoint, pull) }))),
    ({ text }) => text,
  )
  return [...runtimes]
    .map(([text, same]) => `${text} · ${[...new Set(same.map(({ pull }) => pull.runtime))].join(', ')}`)
    .slice(0, maxLines)
}

/** `✓ mirror    https://mirror.lab/v2 for registry.lab · 10.0.0.5:443: HTTP 200`. */
function lineOf(endpoint: MirrorEndpoint, { registry }: MirrorPull): string {
  const own = ownLeg(endpoint)
  const outcome = own ? clean(placedOutcome(own)) : 'not probed'
  const state = !own ? 'unknown' : isServing(own) ? 'pass' : own.failure ? 'fail' : 'warn'
  const head = endpoint.role === 'mirror' ? 'mirror   ' : 'fallback '
  return `${mark(state)} ${head} ${clean(endpoint.url)} for ${clean(registry)} · ${outcome}`
}
