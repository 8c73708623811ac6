import { readdir, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { writeFileAtomically } from './disk.ts'
import { isoTime } from './time.ts'

const compress = promisify(gzip)

/** The samples on disk; the oldest are removed to make room for new ones. */
export interface Ring {
  /** Adds a sample; rejects with the error of the write. */
  add(text: string, at: number): Promise<void>
  /** Removes the older half. */
  halve(): Promise<void>
}

const sampleName = /^(\d{6,})-[\dTZ.-]+\.json\.gz$/

/** The names of samples, oldest first; other names are left out. */
export function sampleNames(names: string[]): string[] {
  const number = (name: string) => Number(sampleName.exec(name)?.[1])
  return names.filter((name) => sampleName.test(name)).toSorted((a, b) => number(a) - number(b))
}

/** Opens the directory with the samples it has. `limit` is in bytes. */
export async function openRing(directory: string, limit: number): Promise<Ring> {
  const kept: { name: string; size: number }[] = []
  for (const name of sampleNames(await readdir(directory)))
    kept.push({ name, size: (await stat(join(directory, name))).size })
  let next = Number(sampleName.exec(kept.at(-1)?.name ?? '')?.[1] ?? 0) + 1
  const removeOldestWhile = async (tooMany: () => boolean) => {
    for (let first = kept[0]; first && tooMany(); first = kept[0]) {
      kept.shift()
      await unlink(join(directory, first.name)).catch(() => {})
    }
  }
  const total = () => kept.reduce((sum, { size }) => sum + size, 0)
  return {
    async add(text, at) {
      const data = await compress(text)
      // Old samples are removed first: a full disk must not prevent the latest sample from being written.
      await removeOldestWhile(() => total() + data.length > limit)
      const name = `${String(next).padStart(6, '0')}-${isoTime(at).replaceAll(':', '-')}.json.gz`
      next += 1
      await writeFileAtomically(join(directory, name), data)
      kept.push({ name, size: data.length })
    },
    async halve() {
      const half = Math.floor(kept.length / 2)
      await removeOldestWhile(() => kept.length > half)
    },
  }
}
