import * as z from 'zod'
import type { PortTarget, RunnerFact } from '../../facts/runner.ts'

const time = z.iso.datetime()
const count = z.int().min(0)

/** How much is reported of each: a busy host makes thousands of changes. */
const most = { changes: 300, lines: 40, targets: 12, dials: 30, writers: 12 }

const dialResults = ['open', 'refused', 'timeout', 'unreachable', 'failed'] as const

export const runnerEventsSchema = z.object({
  inspectedAt: time.optional().describe('When the inspection ended.'),
  changes: z
    .array(
      z.object({
        at: time,
        what: z.enum(['create', 'destroy', 'attach', 'detach']),
        name: z.string(),
        owner: z.string(),
        bridge: z.string().optional(),
      }),
    )
    .optional()
    .describe('Networks that came and went; at most the latest 300.'),
  moreChanges: count.optional().describe('Earlier ones, which are not listed.'),
  rewrites: z
    .object({
      samples: count.describe('How often the FORWARD chain was read.'),
      overMs: z.number().min(0),
      states: count.describe('In how many different states it was.'),
      withoutUserJump: count.describe('How often the jump to DOCKER-USER was missing.'),
    })
    .optional(),
  writers: z
    .array(z.object({ program: z.string(), changes: count }))
    .optional()
    .describe('Programs that changed rules during the inspection.'),
  kernel: z
    .array(z.object({ at: time, kind: z.string(), text: z.string() }))
    .optional()
    .describe('Lines of the kernel log that report a problem; at most the latest 40.'),
  ports: z
    .array(
      z.object({
        address: z.string(),
        name: z.string().describe('Whose address it is: `gateway`, `listener`, `node`, `loopback`.'),
        ping: z.string(),
        dials: z.array(
          z.object({
            port: z.int(),
            result: z.enum(dialResults),
            ms: z.number().min(0),
            canary: z.literal(true).optional().describe('A port at which nothing should listen.'),
          }),
        ),
      }),
    )
    .optional()
    .describe('The ports of the host that were dialled.'),
})
type RunnerEvents = z.infer<typeof runnerEventsSchema>

/** What happened on the runner, and when. */
export function runnerEvents({ churn, rules, kernel, ports, at }: RunnerFact): RunnerEvents {
  const changes = churn.seen ? churn.value.changes : []
  const { samples, writers } = rules.seen ? rules.value : { writers: [] }
  const lines = kernel.seen ? kernel.value.lines : []
  const more = changes.length - most.changes
  return {
    inspectedAt: dated(at),
    changes: changes.slice(-most.changes).map((change) => ({ ...change, at: dated(change.at) })),
    ...(more > 0 ? { moreChanges: more } : {}),
    ...(samples
      ? {
          rewrites: {
            samples: samples.taken,
            overMs: samples.overMs,
            states: samples.distinct,
            withoutUserJump: samples.withoutUserJump,
          },
        }
      : {}),
    writers: writers.slice(0, most.writers),
    kernel: lines.slice(-most.lines).map((line) => ({ ...line, at: dated(line.at) })),
    ports: ports.seen ? ports.value.targets.slice(0, most.targets).map(reportPort) : [],
  }
}

const reportPort = ({ address, name, host, ping, ports, canaries }: PortTarget) => ({
  address: host === undefined ? address : `${host} (${address})`,
  name,
  ping,
  dials: [
    ...ports.map(({ port, result, ms }) => ({ port, result, ms })),
    ...canaries.map(({ port, result, ms }) => ({ port, result, ms, canary: true as const })),
  ].slice(0, most.dials),
})

const dated = (at: number): string => new Date(at).toISOString()
