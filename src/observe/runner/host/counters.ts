/**
 * The value of one counter in /proc/net/netstat or /proc/net/snmp: pairs of lines, names in the first, values in the second.
 * Undefined where the counter does not exist.
 */
export function netstatCounter(text: string, group: string, name: string): number | undefined {
  const lines = text.split('\n').filter((line) => line.startsWith(`${group}:`))
  const [names = [], values = []] = lines.map((line) => line.trim().split(/\s+/))
  return parseCount(values[names.indexOf(name)])
}

/** One value of a file of `name value` lines such as /proc/vmstat. */
export const vmstatCounter = (text: string, name: string): number | undefined =>
  parseCount(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1])

function parseCount(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined
}

/**
 * Named columns of a file of hexadecimal rows, one per CPU, such as /proc/net/stat/nf_conntrack, whose first line has the
 * names. Undefined where a name is missing or a row is invalid.
 */
export function hexColumns<Name extends string>(
  text: string,
  names: readonly Name[],
): Record<Name, number[]> | undefined {
  const [head = '', ...rows] = text.split('\n').filter((line) => line.trim() !== '')
  const titles = head.trim().split(/\s+/)
  const cells = rows.map((row) => row.trim().split(/\s+/))
  const columns = {} as Record<Name, number[]>
  for (const name of names) {
    const column = titles.indexOf(name)
    if (column < 0 || rows.length === 0) return undefined
    columns[name] = cells.map((row) => Number.parseInt(row[column] ?? '', 16))
    if (columns[name].some(Number.isNaN)) return undefined
  }
  return columns
}

/** Packets dropped, and times that softirq processing ran out of budget, summed over all CPUs: columns 2 and 3 of /proc/net/softnet_stat. */
export function softnetTotals(text: string): { dropped: number; squeezed: number } | undefined {
  const total = { dropped: 0, squeezed: 0 }
  const rows = text.split('\n').filter((line) => line.trim() !== '')
  for (const row of rows) {
    const [, dropped = '', squeezed = ''] = row.trim().split(/\s+/)
    if (!/^[0-9a-f]{8}$/.test(dropped) || !/^[0-9a-f]{8}$/.test(squeezed)) return undefined
    total.dropped += Number.parseInt(dropped, 16)
    total.squeezed += Number.parseInt(squeezed, 16)
  }
  return rows.length > 0 ? total : undefined
}

/** Percentage of the last 10 s in which some task waited (Documentation/accounting/psi.rst). */
export function pressureAverage(text: string): number | undefined {
  const columns = /^some avg10=(\d+(?:\.\d+)?) /m.exec(text)?.[1]
  return columns === undefined ? undefined : Number(columns)
}
