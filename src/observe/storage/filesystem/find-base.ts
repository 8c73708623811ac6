import { readdir, realpath, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { codeOf, reasonOf } from './disk.ts'

/** Where the layout of distribution begins below the root of a storage. */
export const layoutFolder = 'docker/registry/v2'
/** What people name instead of the root: the root itself first. */
const belowRoot = [layoutFolder, '', 'registry/v2', 'v2']

/** Where the layout is: `base` is its folder, `storage` the root of the storage. */
export type FoundBase =
  | { state: 'found'; base: string; root: string; below: string; lacks: ('blobs' | 'repositories')[] }
  /** There is no layout. `instead` is a folder nearby that holds one. */
  | { state: 'none'; why: string; instead?: string; isEmpty?: true }
  | { state: 'unreadable'; why: string; permission: boolean }

/** Finds the layout of a registry's storage from the folder that a person named: its root, or any folder of the layout. */
export async function findBase(named: string): Promise<FoundBase> {
  const kind = await kindOf(named)
  if (kind.state === 'unreadable') return kind
  if (kind.state === 'absent') return { state: 'none', why: 'it does not exist' }
  if (kind.state === 'file') return { state: 'none', why: 'it is not a folder' }
  for (const below of belowRoot) {
    const base = join(named, below)
    const own = await kindOf(base)
    if (own.state === 'unreadable') return own
    const lacks = await lacksOf(base)
    if (lacks === undefined) continue
    const outside = await leadsOut(named, base)
    if (outside !== undefined)
      return {
        state: 'none',
        why: `its ${below} is a symbolic link out of it, which is not followed`,
        instead: outside,
      }
    return { state: 'found', base, root: rootOf(base), below, lacks }
  }
  const names = await namesIn(named)
  if (!Array.isArray(names)) return names
  const instead = await nearby(named, names)
  const why =
    names.length === 0 ? 'it is empty' : `it holds neither ${layoutFolder} nor blobs and repositories`
  return {
    ...{ state: 'none', why },
    ...(instead === undefined ? {} : { instead }),
    ...(names.length === 0 ? { isEmpty: true } : {}),
  }
}

/** Where a folder below the named one really is, if that is elsewhere. */
async function leadsOut(named: string, base: string): Promise<string | undefined> {
  const [from, to] = await Promise.all([realpath(named), realpath(base)])
  return to === from || to.startsWith(`${from}/`) || from === '/' ? undefined : to
}

/** The halves of the layout that a folder lacks; undefined if it is not one. */
async function lacksOf(base: string): Promise<('blobs' | 'repositories')[] | undefined> {
  const halves = ['blobs', 'repositories'] as const
  const states = await Promise.all(halves.map((half) => kindOf(join(base, half))))
  const lacks = halves.filter((_, at) => states[at]?.state !== 'folder')
  if (lacks.length === 0) return []
  // A registry that nothing was pushed to has neither, and one of them may have been lost.
  const isNamed = base.endsWith(layoutFolder) && (await kindOf(base)).state === 'folder'
  return isNamed || (lacks.length === 1 && basename(base) === 'v2') ? lacks : undefined
}

const rootOf = (base: string): string => (base.endsWith(layoutFolder) ? join(base, '../../..') : base)

/** At most so many folders are tried. */
const maxTried = 100

/** A folder above or right below, in which there is a storage. */
async function nearby(named: string, names: string[]): Promise<string | undefined> {
  const above = [dirname(resolve(named)), dirname(dirname(resolve(named)))]
  const below = names.slice(0, maxTried).map((name) => join(named, name))
  for (const folder of [...above, ...below]) {
    for (const base of [join(folder, layoutFolder), folder])
      if ((await lacksOf(base))?.length === 0) return folder
  }
  return undefined
}

async function namesIn(folder: string): Promise<string[] | Extract<FoundBase, { state: 'unreadable' }>> {
  try {
    return await readdir(folder)
  } catch (error) {
    return unreadable(codeOf(error))
  }
}

type Kind = { state: 'folder' | 'file' | 'absent' } | Extract<FoundBase, { state: 'unreadable' }>

async function kindOf(path: string): Promise<Kind> {
  try {
    return { state: (await stat(path)).isDirectory() ? 'folder' : 'file' }
  } catch (error) {
    const code = codeOf(error)
    return code === 'ENOENT' || code === 'ENOTDIR' ? { state: 'absent' } : unreadable(code)
  }
}

function unreadable(code: string): Extract<FoundBase, { state: 'unreadable' }> {
  const { kind, why } = reasonOf(code)
  return { state: 'unreadable', why, permission: kind === 'permission' }
}
