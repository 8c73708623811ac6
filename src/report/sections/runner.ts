import * as z from 'zod'
import { remedyContextOf, remedyOrder } from '../../explain/remedies.ts'
import { remedyYaml } from '../../explain/remedy-yaml.ts'
import { gapIn } from '../../facts/queries/runner/partly-read.ts'
import type { RunnerFact, VantageFact } from '../../facts/runner.ts'
import { runnerAreas } from '../../facts/runner.ts'
import type { SectionInput } from '../sections.ts'
import { runnerEvents, runnerEventsSchema } from './runner-events.ts'
import { reportWays, waySchema } from './ways.ts'

/** The areas of a runner, in the words of the report. */
const areaNames: Record<(typeof runnerAreas)[number], string> = {
  networks: 'Docker networks',
  churn: 'network changes',
  links: 'bridges',
  rules: 'firewall rules',
  routes: 'routes',
  ports: 'host ports',
  kernel: 'kernel log',
  conntrack: 'connection tracking',
  pressure: 'resource pressure',
}

export const reportRunnerSchema = z.object({
  from: z.string().describe('Where regguard ran: `plain container`, `container on the host network`, …'),
  areas: z.array(
    z.object({
      area: z.enum(runnerAreas),
      name: z.string(),
      state: z
        .enum(['inspected', 'not inspected', 'not applicable'])
        .describe('`not applicable`: does not exist on this runner.'),
      why: z.string().optional(),
      remedies: z.array(z.string()).describe('Any one of these makes it observable.'),
      yaml: z.string().optional().describe('What to paste on this platform to make it observable.'),
    }),
  ),
  window: z
    .object({ from: z.iso.datetime(), to: z.iso.datetime(), truncated: z.boolean() })
    .optional()
    .describe('The period in which network changes are known.'),
  ...runnerEventsSchema.shape,
  ways: z
    .array(waySchema)
    .optional()
    .describe('The ways of packets that end on this host, with what stops them.'),
})

export type ReportRunner = z.infer<typeof reportRunnerSchema>

/** The inspected areas of the runner, and where they were inspected from. */
export function reportRunner(
  runner: RunnerFact,
  {
    replayed = false,
    findings = [],
    history,
  }: Partial<Pick<SectionInput, 'replayed' | 'findings' | 'history'>> = {},
): ReportRunner {
  const ways = reportWays(runner, findings)
  const from = vantageName(runner.vantage)
  return {
    from: replayed ? `recording from ${from}` : from,
    areas: runnerAreas.map((area) => {
      const gap = gapIn(runner, area)
      const found = gap ? { seen: false as const, applies: true, ...gap } : runner[area]
      const heading = { area, name: areaNames[area] }
      if (found.seen) return { ...heading, state: 'inspected', remedies: [] }
      const best = remedyOrder.find((remedy) => found.remedies.includes(remedy))
      const yaml = best && { yaml: remedyYaml(best, remedyContextOf(runner.vantage)) }
      return {
        ...heading,
        state: found.applies ? 'not inspected' : 'not applicable',
        why: found.why,
        remedies: found.remedies,
        ...yaml,
      }
    }),
    ...(runner.churn.seen ? { window: dated(runner.churn.value.window) } : {}),
    ...runnerEvents(runner, history),
    ...(ways.length > 0 ? { ways } : {}),
  }
}

function dated({ from, to, truncated }: { from: number; to: number; truncated: boolean }) {
  return { from: new Date(from).toISOString(), to: new Date(to).toISOString(), truncated }
}

/** The vantage in words: `container on the host network, with the Docker socket`. */
function vantageName({ container, namespace, socket, hostView, hostPid, nested }: VantageFact): string {
  const place =
    container === 'kubernetes'
      ? 'Kubernetes pod'
      : container === 'none'
        ? 'this machine'
        : namespace === 'container'
          ? 'container'
          : 'container on the host network'
  const extras = [
    socket.state === 'answers' ? `with the ${socket.flavour === 'podman' ? 'Podman' : 'Docker'} socket` : '',
    hostPid && container !== 'none' ? "with the host's PID namespace" : '',
    hostView === 'sibling' ? 'with a host snapshot' : '',
    nested ? 'nested engine' : '',
  ].filter(Boolean)
  return place === 'container' && extras.length === 0 ? 'plain container' : [place, ...extras].join(', ')
}
