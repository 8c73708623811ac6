import * as z from 'zod'
import type { RunnerFact, VantageFact } from '../core/model.ts'
import { needOrder, needPlaceOf } from '../explain/remedies.ts'
import { needYaml } from '../explain/remedy-yaml.ts'
import { runnerAspects } from '../facts/runner.ts'

/** What is looked at on a runner, in the words of the report. */
const aspectNames: Record<(typeof runnerAspects)[number], string> = {
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
  looks: z.array(
    z.object({
      aspect: z.enum(runnerAspects),
      name: z.string(),
      state: z.enum(['seen', 'not seen', 'not here']).describe('`not here`: this runner has no such thing.'),
      why: z.string().optional(),
      needs: z.array(z.string()).describe('Any one of these would show it.'),
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
    looks: runnerAspects.map((aspect) => {
      const look = runner[aspect]
      const about = { aspect, name: aspectNames[aspect] }
      if (look.seen) return { ...about, state: 'seen', needs: [] }
      const best = needOrder.find((need) => look.needs.includes(need))
      const yaml = best && { yaml: needYaml(best, needPlaceOf(runner.vantage)) }
      return {
        ...about,
        state: look.applies ? 'not seen' : 'not here',
        why: look.why,
        needs: look.needs,
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
