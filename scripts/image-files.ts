import { access, readdir, realpath } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { execa } from 'execa'

/** A file of the build stage, and where it belongs in the image (relative to its root). */
export type ImageFile = { from: string; to: string }

/** What is told of a Debian package that has files in the image. */
export type PackageNotes = { name: string; status: string; copyright: string }

/** The named programs, the extensions that xtables loads, and every library that these and `node` need. */
export async function filesOf(programs: string[], node: string): Promise<ImageFile[]> {
  const tools = await Promise.all(programs.map(findProgram))
  const extensions = await xtablesExtensions(await librariesOf(tools))
  const libraries = await librariesOf([node, ...tools, ...extensions])
  return Promise.all([...tools, ...extensions, ...libraries].map(inImage))
}

/** The packages that own the files, in the order of their names. */
export async function packagesOf(paths: string[]): Promise<PackageNotes[]> {
  const real = await Promise.all(paths.map((path) => realpath(path)))
  // dpkg knows a file by the path in its package, which may lack the /usr that Debian has merged.
  const asked = real.flatMap((path) => [path, path.replace(/^\/usr/, '')])
  const { stdout } = await execa('dpkg-query', ['-S', ...asked], { reject: false })
  const owned = new Map(
    stdout.split('\n').flatMap((line) => {
      const [, owner = '', path = ''] = /^(\S+): (\/.*)$/.exec(line) ?? []
      return owner === '' ? [] : [[path.replace(/^\/usr/, ''), owner]]
    }),
  )
  const orphan = real.find((path) => !owned.has(path.replace(/^\/usr/, '')))
  if (orphan !== undefined) throw new Error(`no package owns ${orphan}`)
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

/** Loaded by name at run time, so that no list of needed libraries shows them. They lie beside the libraries. */
async function xtablesExtensions(libraries: string[]): Promise<string[]> {
  const libxtables = libraries.find((path) => basename(path).startsWith('libxtables.so'))
  if (libxtables === undefined) throw new Error('the iptables programs use no libxtables')
  const directory = join(dirname(libxtables), 'xtables')
  return (await readdir(directory)).sort().map((name) => join(directory, name))
}

async function librariesOf(programs: string[]): Promise<string[]> {
  const { stdout } = await execa('ldd', programs)
  if (stdout.includes('not found')) throw new Error(`a library is missing in the build stage:\n${stdout}`)
  return [...new Set([...stdout.matchAll(/(\/\S+) \(0x[0-9a-f]+\)/g)].map(([, path = '']) => path))].sort()
}

/** Where a file belongs: its own name, in the directory that the path leads to through Debian's merged /usr. */
async function inImage(from: string): Promise<ImageFile> {
  return { from, to: join(await realpath(dirname(from)), basename(from)).slice(1) }
}
