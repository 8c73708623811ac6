import { linesOf } from './lines.ts'

/** One line of the kernel log; `at` in milliseconds since boot or since the epoch, by `clock`. */
export interface KernelRecord {
  at: number
  clock: 'boot' | 'epoch'
  text: string
}

export interface KernelLog {
  records: KernelRecord[]
  /** Records before the first one, or in between, are lost. */
  truncated: boolean
}

const maxTextLength = 500

/**
 * Parses records of /dev/kmsg, `priority,sequence,microseconds,flags;text` (Documentation/ABI/testing/dev-kmsg), and lines in
 * any format of dmesg and journald. A first sequence number other than 0, or a gap, means that records are lost. Keeps the
 * lines that `keep` accepts.
 */
export function parseKernelLog(text: string, now: number, keep: (text: string) => boolean): KernelLog {
  const records: KernelRecord[] = []
  let sequence: number | undefined
  let first: KernelRecord | undefined
  let truncated = false
  for (const line of linesOf(text)) {
    const [, number, microseconds, message] = /^\d+,(\d+),(\d+),[^;]*;(.*)$/.exec(line) ?? []
    let record: KernelRecord | undefined
    if (number !== undefined && microseconds !== undefined && message !== undefined) {
      if (Number(number) !== (sequence ?? -1) + 1) truncated = true
      sequence = Number(number)
      record = { at: Number(microseconds) / 1000, clock: 'boot', text: message }
    } else {
      record = dmesgLine(line, now)
    }
    if (!record) continue
    // The first record is always kept: the window starts with it.
    if (!first || keep(record.text)) records.push({ ...record, text: record.text.slice(0, maxTextLength) })
    first ??= record
  }
  // dmesg prints no sequence numbers; a log that begins within the first second after boot is complete.
  if (sequence === undefined && (first?.clock === 'epoch' || (first?.at ?? 0) > 1000)) truncated = true
  return { records, truncated }
}

/** `[  950.232599] text`, optionally with `<6>` before and a caller after the time, or with a date instead of it. */
function dmesgLine(line: string, now: number): KernelRecord | undefined {
  const [, seconds, message] = /^(?:<\d+>)?\[ *(\d+\.\d+)\](?:\[ *[TC]\d+\])? (.*)$/.exec(line) ?? []
  if (seconds !== undefined && message !== undefined)
    return { at: Number(seconds) * 1000, clock: 'boot', text: message }
  const [, iso, isoMessage] = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[,.]\d+[+-]\d\d:\d\d) (.*)$/.exec(line) ?? []
  if (iso !== undefined && isoMessage !== undefined) return dated(iso.replace(',', '.'), isoMessage)
  const [, ctime, ctimeMessage] = /^\[(\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4})\] (.*)$/.exec(line) ?? []
  if (ctime !== undefined && ctimeMessage !== undefined) return dated(ctime, ctimeMessage)
  // rsyslog keeps the kernel's own timestamp.
  const [, day, journalMessage] =
    /^(\w{3} [ \d]\d \d\d:\d\d:\d\d) \S+ kernel: (?:\[ *\d+\.\d+\] )?(.*)$/.exec(line) ?? []
  if (day === undefined || journalMessage === undefined) return undefined
  // journald's short format has no year: assume the last one in which the day is not in the future.
  const year = new Date(now).getUTCFullYear()
  const record = dated(`${day} ${year}`, journalMessage)
  return record && record.at > now + 86_400_000 ? dated(`${day} ${year - 1}`, journalMessage) : record
}

function dated(date: string, text: string): KernelRecord | undefined {
  const at = Date.parse(date)
  return Number.isNaN(at) ? undefined : { at, clock: 'epoch', text }
}
