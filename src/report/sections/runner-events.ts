import * as z from 'zod'
import { seenIn } from '../../core/observed.ts'
import type { PortTarget, RunnerFact } from '../../facts/runner.ts'
import type { RunnerHistory } from '../../facts/runner-history.ts'

const time = z.iso.datetime()
const count = z.int().min(0)

/** How much is reported of each: a busy host makes thousands of changes. */
const most = { changes: 300, lines: 40, targets: 12, dials: 30, writers: 12, periods: 200 }

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
  recording: z
    .object({
      samples: count,
      from: time,
      to: time,
      dead: z
        .array(z.object({ address: z.string(), port: z.int(), from: time, to: time, samples: count }))
        .describe(
          'When ports timed out: from the first sample that they did so in to the next one that they answered.',
        ),
      rewrites: z
        .array(z.object({ from: time, to: time, states: count, writers: z.array(z.string()) }))
        .describe(
          'When the rules of FORWARD changed between two readings, and which programs changed rules then.',
        ),
      morePeriods: count.optional().describe('Earlier ones, which are not listed.'),
    })
    .optional()
    .describe(
      'What happened over all samples of a recording; `changes` and `kernel` are then of all of them.',
    ),
})
type RunnerEvents = z.infer<typeof runnerEventsSchema>

/** What happened on the runner, and when. */
export function runnerEvents(
  { churn, rules, kernel, ports, at }: RunnerFact,
  history: RunnerHistory | undefined,
): RunnerEvents {
  const changes = history?.changes ?? seenIn(churn)?.changes ?? []
  const { samples, writers } = rules.seen ? rules.value : { writers: [] }
  const lines = history?.kernel ?? seenIn(kernel)?.lines ?? []
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
    ...(history ? { recording: reportRecording(history) } : {}),
  }
}

function reportRecording({ samples, dead, rewrites }: RunnerHistory): NonNullable<RunnerEvents['recording']> {
  const more = Math.max(0, dead.length - most.periods) + Math.max(0, rewrites.length - most.periods)
  return {
    samples: samples.length,
    from: dated(samples[0] ?? 0),
    to: dated(samples.at(-1) ?? 0),
    dead: dead.slice(-most.periods).map((one) => ({ ...one, ...datedSpan(one) })),
    rewrites: rewrites
      .slice(-most.periods)
      .map((one) => ({ ...one, ...datedSpan(one), writers: one.writers.slice(0, most.writers) })),
    ...(more > 0 ? { morePeriods: more } : {}),
  }
}

const datedSpan = ({ from, to }: { from: number; to: number }) => ({ from: dated(from), to: dated(to) })

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
