/**
 * A value with every text in it put through `hide`; what has nothing to hide stays the same object, so that the report of a whole registry
 * is not copied. It is done before any renderer shortens a text: half a secret is one that no mask finds.
 */
export function hideIn<T>(value: T, hide: (text: string) => string): T {
  if (typeof value === 'string') return shortened(hide(value)) as T
  if (typeof value !== 'object' || value === null) return value
  const given = value as Record<string, unknown>
  let changed: Record<string, unknown> | undefined
  for (const key of Object.keys(given)) {
    const hidden = hideIn(given[key], hide)
    if (hidden === given[key]) continue
    changed ??= (Array.isArray(value) ? [...value] : { ...given }) as Record<string, unknown>
    changed[key] = hidden
  }
  return (changed ?? value) as T
}

/** Nobody reads on; and what was read of an answer may end in half a secret, which stays behind this. */
const most = 4000

const shortened = (text: string): string => (text.length > most ? `${text.slice(0, most)}…` : text)
