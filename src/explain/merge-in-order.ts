/**
 * Merges lists into one that has each entry once and keeps the order of every list, as far as the lists agree. An entry that a list has
 * twice, as a restart before and after something, stays twice.
 */
export function mergeInOrder(lists: readonly (readonly string[])[]): string[] {
  const nodes = new Map<string, { text: string; after: Set<string>; waitsFor: number }>()
  for (const list of lists) {
    const seen = new Map<string, number>()
    let before: string | undefined
    for (const text of list) {
      const number = (seen.get(text) ?? 0) + 1
      seen.set(text, number)
      const key = `${number} ${text}`
      const node = nodes.get(key) ?? { text, after: new Set(), waitsFor: 0 }
      nodes.set(key, node)
      const previous = before === undefined ? undefined : nodes.get(before)
      if (previous && !previous.after.has(key)) {
        previous.after.add(key)
        node.waitsFor += 1
      }
      before = key
    }
  }
  const keys = [...nodes.keys()]
  const ready = keys.filter((key) => nodes.get(key)?.waitsFor === 0)
  const merged: string[] = []
  for (const key of ready) {
    const node = nodes.get(key)
    if (!node) continue
    merged.push(key)
    for (const next of node.after) {
      const waiting = nodes.get(next)
      if (waiting && --waiting.waitsFor === 0) ready.push(next)
    }
  }
  // Where lists contradict each other, the first that names an entry decides.
  const done = new Set(merged)
  return [...merged, ...keys.filter((key) => !done.has(key))].flatMap((key) => nodes.get(key)?.text ?? [])
}
