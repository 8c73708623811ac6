import type { WalkedLeg } from '../../facts/path/mirrors.ts'
import {
  isBroken,
  isMisnamed,
  legText,
  mirrorsIn,
  originText,
  ownLeg,
  placedOutcome,
} from '../../facts/queries/path/mirrors.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'mirror-unreachable',
  group: 'path',
  title: 'every configured mirror answers',
  fault: 'Mirror unreachable: every pull tries it first, and goes on to the next when it fails.',
  severity: 'warning',
  advice:
    'Repair the mirror, or remove it from the configuration: runtimes wait up to 30 s for a connection that nothing answers before they try the next.',
  reads: ['path.mirrors'],
  run: ({ path: { mirrors } }) =>
    (mirrors ? mirrorsIn(mirrors) : []).flatMap(({ endpoint, pull }) => {
      const own = ownLeg(endpoint)
      if (!own || isMisnamed(endpoint) || !isDown(own)) return []
      return [
        {
          subject: endpoint.url,
          severity: pull.ok ? ('warning' as const) : ('error' as const),
          message: `${placedOutcome(own)}${pull.ok ? '' : '; nothing else serves the image either'}`,
          evidence: [...originText(endpoint), legText(own), ...(own.failure?.evidence ?? [])],
          cause: endpoint.host,
        },
      ]
    }),
})

/** No response, or one that says that the server does not work. A 404 is none: a mirror need not have every image. */
const isDown = (own: WalkedLeg): boolean => (own.status ?? 0) >= 500 || isBroken(own)
