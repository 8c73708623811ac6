const collator = new Intl.Collator('en', { numeric: true })

/** Compares names as people sort them: `1.9` before `1.10`, whatever order a disk lists them in. */
export const compareNaturally = (a: string, b: string): number =>
  collator.compare(a, b) || (a < b ? -1 : a > b ? 1 : 0)
