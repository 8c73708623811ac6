import { readlink, realpath } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { isS3 } from '../../settings/plan/s3-location.ts'
import type { Problem } from '../../settings/problem.ts'
import type { Settings } from '../../settings/schema.ts'
import { findBase } from '../storage/filesystem/find-base.ts'

/** The settings that name what is written. */
const written = [
  'report_html',
  'report_json',
  'report_junit',
  'report_markdown',
  'report_prometheus',
  'state_dir',
] as const

/** The settings that would have something written into the storage that is scanned, which is only ever read. */
export async function writtenInStorage(
  settings: Pick<Settings, 'storage' | (typeof written)[number]>,
): Promise<Problem[]> {
  const { storage } = settings
  const named = written.filter((setting) => settings[setting] !== undefined)
  if (storage === undefined || isS3(storage) || named.length === 0) return []
  const found = await findBase(storage)
  // What is no storage may hold anything.
  if (found.state !== 'found') return []
  const problems = named.map(async (setting): Promise<Problem | []> => {
    const value = settings[setting] ?? ''
    if (!(await isInside(value, found.root))) return []
    return { setting, value, message: `lies in the storage ${storage}, where nothing is ever written` }
  })
  return (await Promise.all(problems)).flat()
}

/** Whether a path leads into a folder, through symbolic links, too; it need not exist. */
export async function isInside(path: string, folder: string): Promise<boolean> {
  const [inner, outer] = await Promise.all([realPathOf(path), realPathOf(folder)])
  return `${inner}/`.startsWith(outer === '/' ? outer : `${outer}/`)
}

/** So many symbolic links are followed that lead to nothing, as on Linux. */
const maxLinks = 40

/** Where a path leads; of one that does not exist, where it would be made. */
async function realPathOf(path: string, links = maxLinks): Promise<string> {
  const absolute = resolve(path)
  try {
    return await realpath(absolute)
  } catch {
    const above = dirname(absolute)
    const target = await readlink(absolute).catch(() => undefined)
    if (target !== undefined && links > 0) return realPathOf(resolve(above, target), links - 1)
    return above === absolute ? absolute : join(await realPathOf(above, links), basename(absolute))
  }
}
