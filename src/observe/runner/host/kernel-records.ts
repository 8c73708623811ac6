import { linesOf } from './lines.ts'

/** One line of the kernel log; `at` in milliseconds since the machine started, or since the epoch. */
export interface KernelRecord {
  at: number
  clock: 'boot' | 'epoch'
  text: string
}

export interface KernelLog {
  records: KernelRecord[]
  /** What was before the first record is lost, or something in between. */
  truncated: boolean
}

const longestText = 500

/**
 * Reads records of /dev/kmsg, `priority,sequence,microseconds,flags;text` (Documentation/ABI/testing/dev-kmsg), and lines of
 * dmesg and journald in each of their forms. A first sequence number that is not 0, or a gap, means that records are lost.
 */
export function parseKernelLog(text: string, now: number, keep: (text: string) => boolean): KernelLog {
  const records: KernelRecord[] = []
  let sequence: number | undefined
  let first: KernelRecord | undefined
  let truncated = false
  for (const line of linesOf(text)) {
    const [, number, microseconds, said] = /^\d+,(\d+),(\d+),[^;]*;(.*)$/.exec(line) ?? []
    let record: KernelRecord | undefined
    if (number !== undefined && microseconds !== undefined && said !== undefined) {
      if (Number(number) !== (sequence ?? -1) + 1) truncated = true
      sequence = Number(number)
      record = { at: Number(microseconds) / 1000, clock: 'boot', text: said }
    } else {
      record = dmesgLine(line, now)
    }
    if (!record) continue
    // Kept even when it tells nothing: the window starts with it.
    if (!first || keep(record.text)) records.push({ ...record, text: record.text.slice(0, longestText) })
    first ??= record
  }
  // dmesg tells no sequence numbers; a log that starts with the machine is whole.
  if (sequence === undefined && (first?.clock === 'epoch' || (first?.at ?? 0) > 1000)) truncated = true
  return { records, truncated }
}

/** `[  950.232599] text`, with or without `<6>` before it and a caller after it; or with a date in front. */
function dmesgLine(line: string, now: number): KernelRecord | undefined {
  const [, seconds, said] = /^(?:<\d+>)?\[ *(\d+\.\d+)\](?:\[ *[TC]\d+\])? (.*)$/.exec(line) ?? []
  if (seconds !== undefined && said !== undefined)
    return { at: Number(seconds) * 1000, clock: 'boot', text: said }
  const [, iso, isoSaid] = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[,.]\d+[+-]\d\d:\d\d) (.*)$/.exec(line) ?? []
  if (iso !== undefined && isoSaid !== undefined) return dated(iso.replace(',', '.'), isoSaid)
  const [, ctime, ctimeSaid] = /^\[(\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4})\] (.*)$/.exec(line) ?? []
  if (ctime !== undefined && ctimeSaid !== undefined) return dated(ctime, ctimeSaid)
  // rsyslog leaves the kernel's own time in.
  const [, day, journalSaid] =
    /^(\w{3} [ \d]\d \d\d:\d\d:\d\d) \S+ kernel: (?:\[ *\d+\.\d+\] )?(.*)$/.exec(line) ?? []
  if (day === undefined || journalSaid === undefined) return undefined
  // journald's short form has no year: the last one in which that day is not in the future.
  const year = new Date(now).getUTCFullYear()
  const record = dated(`${day} ${year}`, journalSaid)
  return record && record.at > now + 86_400_000 ? dated(`${day} ${year - 1}`, journalSaid) : record
}

function dated(date: string, text: string): KernelRecord | undefined {
  const at = Date.parse(date)
  return Number.isNaN(at) ? undefined : { at, clock: 'epoch', text }
}
