import { access, readdir, realpath } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { execa } from 'execa'

/** A file of the build stage, and its path in the image, relative to the root. */
export type ImageFile = { from: string; to: string }

/** The records of a Debian package with files in the image. */
export type PackageNotes = { name: string; status: string; copyright: string }

/** The programs, the extensions that xtables loads, and all libraries that these and `node` need. */
export async function filesOf(programs: string[], node: string): Promise<ImageFile[]> {
  const tools = await Promise.all(programs.map(findProgram))
  const extensions = await xtablesExtensions(await librariesOf(tools))
  const libraries = await librariesOf([node, ...tools, ...extensions])
  return Promise.all([...tools, ...extensions, ...libraries].map(inImage))
}

/** The packages that own the files, sorted by name. */
export async function packagesOf(paths: string[]): Promise<PackageNotes[]> {
  const realPaths = await Promise.all(paths.map((path) => realpath(path)))
  // dpkg lists a file under the path in its package, which may lack the /usr of Debian's merged /usr.
  const queries = realPaths.flatMap((path) => [path, path.replace(/^\/usr/, '')])
  const { stdout } = await execa('dpkg-query', ['-S', ...queries], { reject: false })
  const owned = new Map(
    stdout.split('\n').flatMap((line) => {
      const [, owner = '', path = ''] = /^(\S+): (\/.*)$/.exec(line) ?? []
      return owner === '' ? [] : [[path.replace(/^\/usr/, ''), owner]]
    }),
  )
  const unowned = realPaths.find((path) => !owned.has(path.replace(/^\/usr/, '')))
  if (unowned !== undefined) throw new Error(`no package owns ${unowned}`)
  const owners = [...new Set(owned.values())].sort()
  return Promise.all(
    owners.map(async (owner) => {
      const name = owner.replace(/:.*/, '')
      const { stdout: status } = await execa('dpkg-query', ['--status', owner])
      return { name, status: `${status}\n`, copyright: `/usr/share/doc/${name}/copyright` }
    }),
  )
}

async function findProgram(name: string): Promise<string> {
  for (const directory of ['/usr/sbin', '/usr/bin']) {
    const path = join(directory, name)
    if (
      await access(path).then(
        () => true,
        () => false,
      )
    )
      return path
  }
  throw new Error(`${name} is not installed in the build stage`)
}

/** The extensions of xtables, which ldd does not list, as they are loaded by name. They are in a directory beside the library. */
async function xtablesExtensions(libraries: string[]): Promise<string[]> {
  const libxtables = libraries.find((path) => basename(path).startsWith('libxtables.so'))
  if (libxtables === undefined) throw new Error('the iptables programs do not use libxtables')
  const directory = join(dirname(libxtables), 'xtables')
  return (await readdir(directory)).sort().map((name) => join(directory, name))
}

async function librariesOf(programs: string[]): Promise<string[]> {
  const { stdout } = await execa('ldd', programs)
  if (stdout.includes('not found')) throw new Error(`a library is missing in the build stage:\n${stdout}`)
  return [...new Set([...stdout.matchAll(/(\/\S+) \(0x[0-9a-f]+\)/g)].map(([, path = '']) => path))].sort()
}

/** A file with its path in the image: its own name in the real directory, as links lead through Debian's merged /usr. */
async function inImage(from: string): Promise<ImageFile> {
  return { from, to: join(await realpath(dirname(from)), basename(from)).slice(1) }
}
