/**
 * A value with every text in it put through `hide`. It is done before any renderer shortens a text: half a secret is one that no
 * mask finds.
 */
export function hideIn<T>(value: T, hide: (text: string) => string): T {
  if (typeof value === 'string') return shortened(hide(value)) as T
  if (Array.isArray(value)) return value.map((item) => hideIn(item, hide)) as T
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, hideIn(item, hide)])) as T
}

/** Nobody reads on; and what was read of an answer may end in half a secret, which stays behind this. */
const most = 4000

const shortened = (text: string): string => (text.length > most ? `${text.slice(0, most)}…` : text)
