import { brokenRegistry, legText, originText, placedOutcome } from '../../facts/queries/path/mirrors.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'mirror-fallback-broken',
  group: 'path',
  title: 'the registry behind a mirror can be reached',
  fault:
    'Broken fallback: a mirror is configured, but the registry that pulls fall back to cannot be reached.',
  severity: 'warning',
  advice:
    'Make the registry reachable under its own name, by internal DNS or a pin in /etc/hosts of every node: pulls of what the mirror lacks fail until then.',
  reads: ['path.mirrors'],
  run: ({ path: { mirrors } }) => {
    const found = (mirrors?.pulls ?? []).flatMap((pull) => {
      const broken = brokenRegistry(pull)
      return broken && pull.endpoints.length > 1 ? [{ pull, broken }] : []
    })
    const each = new Map(
      found.toSorted((a, b) => Number(b.pull.ok) - Number(a.pull.ok)).map((one) => [one.pull.registry, one]),
    )
    return [...each.values()].map(({ pull, broken: { own, why, endpoint } }) => ({
      subject: pull.registry,
      severity: pull.ok ? ('warning' as const) : ('error' as const),
      message: `${placedOutcome(own)}; ${pull.ok ? 'a mirror serves the image today' : 'no mirror serves the image either'}`,
      evidence: [...originText(endpoint), legText(own), ...why.evidence],
    }))
  },
})
