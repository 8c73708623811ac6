import { type ObjectState, type RegistryState, type RepositoryState, tagsByImage } from './state.ts'

/** How often the end of each blob is read again. */
export interface Rhythm {
  intervalMs: number
  reproveMs: number
}

/** A blob to look at. */
export interface PlannedBlob {
  repository: string
  blob: ObjectState
}

const isBlob = ({ kind }: ObjectState): boolean => kind !== 'manifest'

/**
 * The blobs that a run looks at: those that are broken first, then those never looked at, then a slice of the others, those looked
 * at longest ago first, so that each has its turn within `reprove`. After a trigger all of the registry, or of some repositories.
 */
export function planBlobs(
  { repositories }: RegistryState,
  { intervalMs, reproveMs }: Rhythm,
  now: number,
  everything: 'all' | ReadonlySet<string>,
): PlannedBlob[] {
  const all = [...repositories.values()].flatMap(({ name, objects }) =>
    [...objects.values()].filter(isBlob).map((blob): PlannedBlob => ({ repository: name, blob })),
  )
  if (everything === 'all') return all.toSorted(byTurn(now))
  const mustLook = ({ repository, blob }: PlannedBlob): boolean =>
    everything.has(repository) || blob.firstBroken !== undefined || isDue(blob, reproveMs, now)
  const sorted = all.toSorted(byTurn(now))
  const due = sorted.filter(mustLook)
  const slice = Math.ceil((all.length * Math.min(intervalMs, reproveMs)) / reproveMs)
  const others = sorted.filter((one) => !mustLook(one)).slice(0, Math.max(0, slice - due.length))
  return [...due, ...others]
}

/** A time in the future was written before the clock was set back, so that it says nothing. */
function isDue({ lastLooked }: ObjectState, reproveMs: number, now: number): boolean {
  return lastLooked === undefined || lastLooked > now || lastLooked + reproveMs <= now
}

const byTurn =
  (now: number) =>
  (a: PlannedBlob, b: PlannedBlob): number =>
    turnOf(a.blob, now) - turnOf(b.blob, now)

const turnOf = ({ firstBroken, lastLooked = 0 }: ObjectState, now: number): number =>
  firstBroken !== undefined ? -1 : lastLooked > now ? 0 : lastLooked

/** The blobs that a run hashes within a budget, those hashed longest ago first; one that is larger than the budget alone. */
export function planHashes({ repositories }: RegistryState, budgetBytes: number): PlannedBlob[] {
  const all = [...repositories.values()]
    .flatMap(({ name, objects }) =>
      [...objects.values()].filter(isBlob).map((blob): PlannedBlob => ({ repository: name, blob })),
    )
    .filter(({ blob }) => blob.firstBroken === undefined)
    .toSorted((a, b) => (a.blob.hashedAt ?? 0) - (b.blob.hashedAt ?? 0))
  const chosen: PlannedBlob[] = []
  let left = budgetBytes
  for (const one of all) {
    if (one.blob.size > left && chosen.length > 0) break
    if (budgetBytes <= 0) break
    chosen.push(one)
    left -= one.blob.size
  }
  return chosen
}

/** The manifests below the images that tags refer to; each is requested in every run, because nothing else is deleted so often. */
export function childrenToAsk(repository: RepositoryState): string[] {
  const wanted = tagsByImage(repository)
  const images = [...repository.images.values()].filter(({ digest }) => wanted.has(digest))
  return [...new Set(images.flatMap(({ manifests }) => manifests))]
}

/**
 * The images that tags refer to and whose graph is not known. One of which a part could not be read is read again in the next run, and
 * then after ever longer pauses, up to `mostMs`: registries count each of these requests as a pull.
 */
export function imagesToRead(repository: RepositoryState, now: number, mostMs: number): string[] {
  return [...tagsByImage(repository).keys()].filter((digest) => {
    const image = repository.images.get(digest)
    if (image?.incompleteSince === undefined) return image === undefined
    return Math.abs(now - image.lastRead) >= Math.min(mostMs, image.lastRead - image.incompleteSince)
  })
}

/** Why everything is looked at in this run. */
export function triggerOf(
  { lastRun }: RegistryState,
  vanished: readonly string[],
  reproveMs: number,
  now: number,
): string | undefined {
  if (vanished.length > 0) return `${vanished.length === 1 ? 'a repository' : 'repositories'} vanished`
  if (lastRun === undefined) return undefined
  if (lastRun.outcome === 'unchecked') return 'the last run could not inspect the registry'
  if (lastRun.at > now || now - lastRun.at > reproveMs) return 'the last run was too long ago'
  return undefined
}

/** The part of the repositories that one of several processes takes: FNV-1a, which is the same everywhere and in every version. */
export function shardOf(repository: string, shards: number): number {
  let hash = 0x811c9dc5
  for (const byte of Buffer.from(repository)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0
  return hash % shards
}

/**
 * The newest tags: those that were pushed last, as far as that was seen, and, of those that were there from the beginning, names without a
 * digit (`latest`, `main`), then the highest version. No list of tags says when one was pushed, and to read them all for the date
 * of their images would count as a pull of each. `pushed`: when a tag appeared or moved; undefined for one that appears now.
 */
export function newestTags(
  tags: readonly string[],
  pushed: (tag: string) => number | undefined,
  count: number,
): string[] {
  if (count === 0 || tags.length <= count) return [...tags]
  const hasDigit = (tag: string) => (/\d/.test(tag) ? 1 : 0)
  const order = new Intl.Collator('en', { numeric: true })
  const seen = (tag: string) => pushed(tag) ?? Number.POSITIVE_INFINITY
  return tags
    .toSorted((a, b) => {
      const [x, y] = [seen(a), seen(b)]
      if (x !== y) return y - x
      return hasDigit(a) - hasDigit(b) || order.compare(b, a)
    })
    .slice(0, count)
}

/** Whether a name matches one of some patterns, in which `*` stands for any text; true where there are none. */
export const matchesAny = (name: string, patterns: readonly string[]): boolean =>
  patterns.length === 0 || patterns.some((pattern) => matches(name, pattern))

/** Whether a repository is named without a `*`, and so is asked for itself, whatever the catalog lists. */
export const isNamedInFull = ({ repositories }: { repositories: readonly string[] }, name: string): boolean =>
  !name.includes('*') && repositories.includes(name)

/** Each part between two stars is looked for once, after the one before: no pattern takes long, whatever the name. */
function matches(name: string, pattern: string): boolean {
  const [first = '', ...rest] = pattern.split('*')
  const last = rest.pop()
  if (last === undefined) return name === pattern
  if (!name.startsWith(first) || !name.endsWith(last)) return false
  let at = first.length
  for (const part of rest) {
    const found = name.indexOf(part, at)
    if (found < 0) return false
    at = found + part.length
  }
  return at + last.length <= name.length
}
