/** Items of a list setting, trimmed; empty items are dropped. */
export function splitList(value: string): string[] {
  const trimmed = value.trim()
  if (trimmed.startsWith('[')) {
    const items = jsonItems(trimmed)
    if (items) return items
  }
  return trimmed
    .split(/[,\n]/)
    .map((item) => item.trim())
    .filter((item) => item !== '')
}

function jsonItems(value: string): string[] | undefined {
  try {
    const items: unknown = JSON.parse(value)
    if (!Array.isArray(items) || items.some((item) => typeof item === 'object')) return undefined
    return items.map((item) => String(item).trim()).filter((item) => item !== '')
  } catch {
    return undefined
  }
}

/**
 * Whether an item of a list contains a comma: in a JSON array, or escaped with a backslash. Neither survives Woodpecker, which
 * joins lists with commas without escaping, and no setting needs one.
 */
export const hasCommaInItem = (value: string): boolean =>
  /\\,/.test(value) ||
  (value.trim().startsWith('[') && (jsonItems(value.trim()) ?? []).some((item) => item.includes(',')))

/** The items of such a list if every comma ends an item. */
export const splitAtEveryComma = (value: string): string[] =>
  splitList(value.replaceAll('\\,', ',')).flatMap((item) => splitList(item))

const millisecondsPer: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/** Milliseconds from `30s`, `2m`, `1h`, `500ms` or a number of seconds; undefined for any other text. */
export function parseDuration(value: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h)?$/.exec(value.trim())
  const unit = millisecondsPer[match?.[2] ?? 's']
  return match?.[1] && unit ? Number(match[1]) * unit : undefined
}

const bytesPer: Record<string, number> = {
  '': 1,
  b: 1,
  k: 1024,
  kb: 1e3,
  kib: 1024,
  m: 1024 ** 2,
  mb: 1e6,
  mib: 1024 ** 2,
  g: 1024 ** 3,
  gb: 1e9,
  gib: 1024 ** 3,
}

/** Bytes from `8MiB`, `500 MB` or a number; undefined for any other text. */
export function parseBytes(value: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(value.trim())
  const name = (match?.[2] ?? '').toLowerCase()
  const unit = Object.hasOwn(bytesPer, name) ? bytesPer[name] : undefined
  return match?.[1] && unit ? Math.floor(Number(match[1]) * unit) : undefined
}
