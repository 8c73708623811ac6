import type { Area } from '../../../core/observed.ts'
import type { Remedy } from '../../../core/remedy.ts'
import type { ChurnFact, KernelFact } from '../../../facts/runner.ts'
import type { HostAccess } from '../host-access.ts'
import { seen, unseen } from './area.ts'
import { isPortLine, portChanges, type TimedLine } from './bridge-ports.ts'
import { problemIn, problemLines } from './kernel-problems.ts'
import { type KernelRecord, parseKernelLog } from './kernel-records.ts'
import { outputOf } from './program-output.ts'
import { uptimeOf } from './uptime.ts'

const remedies: Remedy[] = ['kernel-log', 'host-snapshot']

export interface KernelView {
  kernel: Area<KernelFact>
  churn: Area<ChurnFact>
}

/**
 * Problems in the kernel log, and containers attached to and detached from bridges. The log is the machine's and does not name
 * namespaces, so bridges of a Docker in Docker are included.
 */
export async function observeKernel(access: HostAccess): Promise<KernelView> {
  const source = await readLog(access)
  if (!source.ok) return { kernel: unseen(source.why, remedies), churn: unseen(source.why, remedies) }
  const now = access.now()
  const uptime = (await uptimeOf(access)) ?? 0
  const keep = (text: string) => isPortLine(text) || problemIn(text) !== undefined
  const { records, truncated } = parseKernelLog(source.text, now, keep)
  const timed = records.map((record): TimedLine => ({ at: epochOf(record, now - uptime), text: record.text }))
  const window = { from: timed[0]?.at ?? now, to: now, truncated: truncated || source.truncated }
  const { changes, from } = latestChanges(portChanges(timed))
  return {
    kernel: seen({ window, lines: problemLines(timed) }, source.from),
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

const maxChanges = 5000

/** The last changes; `from` is the time of the first of them where older ones are left out. */
function latestChanges(changes: ChurnFact['changes']): { changes: ChurnFact['changes']; from?: number } {
  if (changes.length <= maxChanges) return { changes }
  const kept = changes.slice(-maxChanges)
  return { changes: kept, from: kept[0]?.at ?? 0 }
}

type Source = { ok: true; text: string; truncated: boolean; from: string } | { ok: false; why: string }

/** From /dev/kmsg if the container has it, else with dmesg, which uses syslog(2). */
async function readLog(access: HostAccess): Promise<Source> {
  const file = await access.kernelLog()
  if (file.ok) return { ...file, from: '/dev/kmsg' }
  const output = outputOf('dmesg', await access.run('dmesg', ['--raw']))
  if (output.ok && output.text.trim() !== '') return { ...output, from: 'dmesg' }
  return {
    ok: false,
    why: `the kernel log could not be read: /dev/kmsg (${file.code}), ${output.ok ? 'dmesg printed nothing' : output.why}`,
  }
}
