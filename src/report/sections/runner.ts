import * as z from 'zod'
import { remedyContextOf, remedyOrder } from '../../explain/remedies.ts'
import { remedyYaml } from '../../explain/remedy-yaml.ts'
import type { RunnerFact, VantageFact } from '../../facts/runner.ts'
import { runnerAreas } from '../../facts/runner.ts'

/** What is looked at on a runner, in the words of the report. */
const areaNames: Record<(typeof runnerAreas)[number], string> = {
  networks: "the engine's networks",
  churn: 'networks that came and went',
  links: 'bridges',
  rules: 'firewall rules',
  routes: 'routes',
  ports: "the host's ports",
  kernel: 'the kernel log',
  conntrack: 'connection tracking',
  pressure: 'pressure',
}

export const reportRunnerSchema = z.object({
  from: z.string().describe('Where regguard ran: a plain container, the host, …'),
  areas: z.array(
    z.object({
      area: z.enum(runnerAreas),
      name: z.string(),
      state: z
        .enum(['inspected', 'not inspected', 'not applicable'])
        .describe('`not applicable`: this runner has no such thing.'),
      why: z.string().optional(),
      remedies: z.array(z.string()).describe('Any one of these would show it.'),
      yaml: z.string().optional().describe('What to write, where this run was, to have it shown.'),
    }),
  ),
  window: z
    .object({ from: z.iso.datetime(), to: z.iso.datetime(), truncated: z.boolean() })
    .optional()
    .describe('The time for which it is known which networks came and went.'),
})

export type ReportRunner = z.infer<typeof reportRunnerSchema>

/** What was looked at on the runner, and from where. */
export function reportRunner(runner: RunnerFact, replayed = false): ReportRunner {
  const from = vantageName(runner.vantage)
  return {
    from: replayed ? `a recording, made from ${from}` : from,
    areas: runnerAreas.map((area) => {
      const found = runner[area]
      const about = { area, name: areaNames[area] }
      if (found.seen) return { ...about, state: 'inspected', remedies: [] }
      const best = remedyOrder.find((remedy) => found.remedies.includes(remedy))
      const yaml = best && { yaml: remedyYaml(best, remedyContextOf(runner.vantage)) }
      return {
        ...about,
        state: found.applies ? 'not inspected' : 'not applicable',
        why: found.why,
        remedies: found.remedies,
        ...yaml,
      }
    }),
    ...(runner.churn.seen ? { window: dated(runner.churn.value.window) } : {}),
  }
}

function dated({ from, to, truncated }: { from: number; to: number; truncated: boolean }) {
  return { from: new Date(from).toISOString(), to: new Date(to).toISOString(), truncated }
}

/** The vantage, as a person would call it. */
export function vantageName({
  container,
  namespace,
  socket,
  hostView,
  hostPid,
  nested,
}: VantageFact): string {
  const place =
    container === 'kubernetes'
      ? 'a Kubernetes pod'
      : container === 'none'
        ? 'this machine'
        : namespace === 'container'
          ? 'a container'
          : "a container in the host's network"
  const extras = [
    socket.state === 'answers' ? `with the ${socket.flavour === 'podman' ? 'Podman' : 'Docker'} socket` : '',
    hostPid && container !== 'none' ? "with the host's processes" : '',
    hostView === 'sibling' ? 'with a snapshot of the host' : '',
    nested ? 'of a nested engine' : '',
  ].filter(Boolean)
  return extras.length === 0 &&
    container !== 'none' &&
    container !== 'kubernetes' &&
    namespace === 'container'
    ? 'a plain container'
    : [place, ...extras].join(', ')
}
