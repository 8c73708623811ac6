import * as z from 'zod'
import type { Finding } from '../../core/finding.ts'
import { noEgressIn } from '../../facts/queries/packet/egress.ts'
import { effectOf, evidenceOf } from '../../facts/queries/packet/egress-text.ts'
import type { Place } from '../../facts/queries/packet/model.ts'
import { portText, targetText } from '../../facts/queries/packet/published-ports.ts'
import { bridgeOf, portEffect, portEvidence } from '../../facts/queries/packet/published-text.ts'
import { unreachablePortsIn } from '../../facts/queries/packet/published-way.ts'
import type { RunnerFact } from '../../facts/runner.ts'

/** Where a packet is on its way through a host. `link`: at an interface; `container`: it arrives, and no answer can come of it. */
const stages = [
  'link',
  'ingress',
  'prerouting',
  'routing',
  'input',
  'forward',
  'output',
  'postrouting',
  'egress',
  'container',
] as const

export const waySchema = z.object({
  about: z.enum(['egress', 'published port']),
  from: z.string(),
  to: z.string(),
  through: z.array(z.string()).describe('The interfaces, in the order of the way there.'),
  direction: z.enum(['there', 'back']).describe('Whether the packet or the answer to it is lost.'),
  certain: z.boolean().describe('False where it depends on a rule that regguard cannot judge.'),
  stage: z.enum(stages).describe('Where it is lost; `link`: at an interface.'),
  effect: z.string(),
  evidence: z.array(z.string()).describe('The rule, route or setting, as the programs of the host print it.'),
})
export type ReportWay = z.infer<typeof waySchema>

/** So many ways are reported. */
const most = 12

/** The ways of packets that end on this host; followed again only where a check found one. */
export function reportWays(runner: RunnerFact, findings: readonly Finding[]): ReportWay[] {
  const has = (id: string) => findings.some((finding) => finding.id === id)
  return [
    ...(has('container-no-egress') ? egressWays(runner) : []),
    ...(has('published-port-unreachable') ? portWays(runner) : []),
  ].slice(0, most)
}

const egressWays = (runner: RunnerFact): ReportWay[] =>
  noEgressIn(runner).map((one) => ({
    about: 'egress',
    from: `container ${one.guests.address}`,
    to: one.resolver ? `the resolver ${one.resolver.address}` : 'other hosts',
    through: [one.guests.bridge, one.uplink],
    direction: one.direction === 'out' ? 'there' : 'back',
    certain: one.certain,
    stage: stageOf(one.stop),
    effect: effectOf(one),
    evidence: evidenceOf(one),
  }))

const portWays = (runner: RunnerFact): ReportWay[] =>
  unreachablePortsIn(runner).map((one) => ({
    about: 'published port',
    from: one.from,
    to: `${portText(one.port)} \u2192 ${targetText(one.port)}`,
    through: [bridgeOf(one.port)],
    direction: one.direction,
    certain: one.certain,
    stage: stageOf(one.stop),
    effect: portEffect(one),
    evidence: portEvidence(one),
  }))

type Stop = { kind: string; at?: Place; reverse?: boolean }

function stageOf({ kind, at }: Stop): ReportWay['stage'] {
  switch (kind) {
    case 'rule':
    case 'nothing':
      return hookOf(at)
    case 'link':
      return 'link'
    case 'source':
      return at ? hookOf(at) : 'postrouting'
    case 'direct':
      return 'container'
    default:
      return kind === 'elsewhere' && at ? hookOf(at) : 'routing'
  }
}

const hookOf = (at: Place | undefined): ReportWay['stage'] =>
  stages.find((stage) => stage === at?.base.hook) ?? 'input'
