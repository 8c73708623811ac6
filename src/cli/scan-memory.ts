import { setFlagsFromString } from 'node:v8'
import type { Env } from '../settings/sources.ts'

/**
 * Keeps the young generation of the heap at the size that it has once the program is loaded. For the garbage of thousands of responses V8
 * lets it grow to 134 MB, which makes nothing faster (docs/decisions/0004-memory.md). Before the program is loaded, it would take longer to
 * load it.
 */
export const keepYoungHeap = (): void => setFlagsFromString('--semi-space-growth-factor=1')

/**
 * Collects garbage where the heap has doubled. V8 lets it grow to four times what is in use, which for a whole registry is mostly answers that
 * were judged long ago (docs/decisions/0004-memory.md).
 */
export const collectSooner = (): void => setFlagsFromString('--heap-growing-percent=100')

/**
 * Keeps the young generation of the heap from growing, in a run that reads a storage, and in a watch: for the garbage of a million small reads V8
 * lets it grow to 96 MB, which makes nothing faster. It has to be said before the heap grows, so before anything else is loaded
 * (docs/decisions/0004-memory.md has what was measured).
 */
export function keepHeapSmall(env: Env, given: ReadonlyMap<string, string>): void {
  const named = (setting: string) =>
    given.get(setting) ?? env[`PLUGIN_${setting.toUpperCase()}`] ?? env[`INPUT_${setting.toUpperCase()}`]
  if (named('storage') || named('mode') === 'watch') setFlagsFromString('--semi-space-growth-factor=1')
  // Without it, V8 lets a watch of 2,000 tags grow to 216 MB before it collects, with it to 146 MB (bench/watch.ts).
  if (named('mode') === 'watch') setFlagsFromString('--heap-growing-percent=20')
}
