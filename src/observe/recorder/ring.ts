import { readdir, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { writeWhole } from './disk.ts'
import { time } from './tell.ts'

const compress = promisify(gzip)

/** Samples on disk, of which the oldest go when there is no room for more. */
export interface Ring {
  /** Adds a sample; fails as writing a file does. */
  add(text: string, at: number): Promise<void>
  /** Removes the older half. */
  halve(): Promise<void>
}

const sampleName = /^(\d{6,})-[\dTZ.-]+\.json\.gz$/

/** Names of samples, oldest first; others are not ours. */
export function sampleNames(names: string[]): string[] {
  const number = (name: string) => Number(sampleName.exec(name)?.[1])
  return names.filter((name) => sampleName.test(name)).toSorted((a, b) => number(a) - number(b))
}

/** Goes on with the samples that are in the directory. `limit` is in bytes. */
export async function openRing(directory: string, limit: number): Promise<Ring> {
  const kept: { name: string; size: number }[] = []
  for (const name of sampleNames(await readdir(directory)))
    kept.push({ name, size: (await stat(join(directory, name))).size })
  let next = Number(sampleName.exec(kept.at(-1)?.name ?? '')?.[1] ?? 0) + 1
  const dropWhile = async (tooMany: () => boolean) => {
    for (let first = kept[0]; first && tooMany(); first = kept[0]) {
      kept.shift()
      await unlink(join(directory, first.name)).catch(() => {})
    }
  }
  const total = () => kept.reduce((sum, { size }) => sum + size, 0)
  return {
    async add(text, at) {
      const data = await compress(text)
      // Room is made first: a full disk must not keep the latest sample out.
      await dropWhile(() => total() + data.length > limit)
      const name = `${String(next).padStart(6, '0')}-${time(at).replaceAll(':', '-')}.json.gz`
      next += 1
      await writeWhole(join(directory, name), data)
      kept.push({ name, size: data.length })
    },
    async halve() {
      const half = Math.floor(kept.length / 2)
      await dropWhile(() => kept.length > half)
    },
  }
}
