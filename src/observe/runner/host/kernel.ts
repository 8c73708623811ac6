import type { ChurnFact, KernelFact, Look, Need } from '../../../core/model.ts'
import type { World } from '../host-access.ts'
import { outputOf, seen, unseen } from './area.ts'
import { isPortLine, portChanges, type TimedLine } from './bridge-ports.ts'
import { troubleIn, troubleLines } from './kernel-problems.ts'
import { type KernelRecord, parseKernelLog } from './kernel-records.ts'
import { uptimeOf } from './uptime.ts'

const needs: Need[] = ['kernel-log', 'host-snapshot']

export interface KernelView {
  kernel: Look<KernelFact>
  churn: Look<ChurnFact>
}

/**
 * What the kernel log tells: of trouble, and of containers that came to bridges and left them. The log is the machine's: it
 * names no namespaces, so bridges of a Docker in Docker are told as well.
 */
export async function observeKernel(world: World): Promise<KernelView> {
  const source = await sourceOf(world)
  if (!source.ok) return { kernel: unseen(source.why, needs), churn: unseen(source.why, needs) }
  const now = world.now()
  const uptime = (await uptimeOf(world)) ?? 0
  const keep = (text: string) => isPortLine(text) || troubleIn(text) !== undefined
  const { records, truncated } = parseKernelLog(source.text, now, keep)
  const timed = records.map((record): TimedLine => ({ at: epochOf(record, now - uptime), text: record.text }))
  const window = { from: timed[0]?.at ?? now, to: now, truncated: truncated || source.truncated }
  const { changes, from } = newest(portChanges(timed))
  return {
    kernel: seen({ window, lines: troubleLines(timed) }, source.from),
    churn: seen(
      {
        scope: 'machine',
        window: from === undefined ? window : { ...window, from, truncated: true },
        changes,
      },
      source.from,
    ),
  }
}

const epochOf = ({ at, clock }: KernelRecord, bootedAt: number): number =>
  Math.round(clock === 'epoch' ? at : bootedAt + at)

const mostChanges = 5000

/** The last changes; `from` where some before it were left out. */
function newest(changes: ChurnFact['changes']): { changes: ChurnFact['changes']; from?: number } {
  if (changes.length <= mostChanges) return { changes }
  const kept = changes.slice(-mostChanges)
  return { changes: kept, from: kept[0]?.at ?? 0 }
}

type Source = { ok: true; text: string; truncated: boolean; from: string } | { ok: false; why: string }

/** /dev/kmsg, where the container has it; else syslog(2), as dmesg reads it. */
async function sourceOf(world: World): Promise<Source> {
  const file = await world.kernelLog()
  if (file.ok) return { ...file, from: '/dev/kmsg' }
  const output = outputOf('dmesg', await world.run('dmesg', ['--raw']))
  if (output.ok && output.text.trim() !== '') return { ...output, from: 'dmesg' }
  return { ok: false, why: `/dev/kmsg cannot be read (${file.code}), nor does dmesg tell anything` }
}
