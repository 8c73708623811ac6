/**
 * The value of one counter in /proc/net/netstat or /proc/net/snmp: pairs of lines, of which the first names what the second
 * counts. Undefined where there is no such counter.
 */
export function netstatCounter(text: string, group: string, name: string): number | undefined {
  const lines = text.split('\n').filter((line) => line.startsWith(`${group}:`))
  const [names = [], values = []] = lines.map((line) => line.trim().split(/\s+/))
  return counted(values[names.indexOf(name)])
}

/** One value of a file of `name value` lines, as /proc/vmstat. */
export const vmstatCounter = (text: string, name: string): number | undefined =>
  counted(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1])

function counted(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined
}

/**
 * Sums columns of a file of hexadecimal rows, one for each CPU; /proc/net/stat/nf_conntrack names them in its first line.
 * Undefined where a name is missing or a row is not what it should be.
 */
export function hexColumns<Name extends string>(
  text: string,
  names: readonly Name[],
): Record<Name, number[]> | undefined {
  const [head = '', ...rows] = text.split('\n').filter((line) => line.trim() !== '')
  const titles = head.trim().split(/\s+/)
  const cells = rows.map((row) => row.trim().split(/\s+/))
  const found = {} as Record<Name, number[]>
  for (const name of names) {
    const column = titles.indexOf(name)
    if (column < 0 || rows.length === 0) return undefined
    found[name] = cells.map((row) => Number.parseInt(row[column] ?? '', 16))
    if (found[name].some(Number.isNaN)) return undefined
  }
  return found
}

/** Packets dropped, and times a CPU had to stop for others, over all CPUs: columns 2 and 3 of /proc/net/softnet_stat. */
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

/** Share of the last 10 s, in percent, in which some task waited (Documentation/accounting/psi.rst). */
export function pressureAverage(text: string): number | undefined {
  const found = /^some avg10=(\d+(?:\.\d+)?) /m.exec(text)?.[1]
  return found === undefined ? undefined : Number(found)
}
