import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import type { Engine } from './engine.ts'
import { findProgram } from './need.ts'

/** Programs that containers of tests run; for `suiteNeeds`, together with `enginePrograms`. */
export const toolPrograms = [
  'sh',
  'cat',
  'sleep',
  'ip',
  'ss',
  'nft',
  'ping',
  'socat',
  'flock',
  'grep',
  ...xtables(),
]

/** Options of a tools image. */
export interface ToolImageOptions {
  name?: string
  /** Dockerfile instructions that `docker import` accepts: ENTRYPOINT, USER, LABEL, ENV. */
  changes?: string[]
  /** Executable files by their path in the image. */
  files?: Record<string, string>
}

/**
 * Imports a small image of this machine's own programs into the engine, without a registry: the running Node, a shell, ip, both
 * iptables, nft, ping and socat, with their libraries. Returns its id.
 */
export async function importToolImage(
  engine: Pick<Engine, 'socket'>,
  options: ToolImageOptions = {},
): Promise<string> {
  return importTools(['docker', '-H', `unix://${engine.socket}`], options)
}

/** The same for any client with an `import` command, such as Podman. */
export async function importTools(
  [client = '', ...clientFlags]: string[],
  { name = 'tools', changes = [], files = {} }: ToolImageOptions = {},
): Promise<string> {
  const programs = toolPrograms.map((program) => findProgram(program)).filter((path) => path !== undefined)
  const { stdout: linked } = await execa('ldd', [process.execPath, ...programs])
  const libraries = new Set([...linked.matchAll(/(\/\S+) \(0x/g)].map(([, path = '']) => path))
  const libxtables = [...libraries].find((path) => path.includes('/libxtables.so'))
  const extensions =
    libxtables === undefined ? [] : [join('/usr', dirname(libxtables).replace(/^\/usr/, ''), 'xtables')]
  const directory = await mkdtemp(join(tmpdir(), 'regguard-tools-'))
  try {
    // /tmp for files of the container's programs, /etc for files of the engine.
    for (const directoryName of ['tmp', 'etc']) await mkdir(join(directory, directoryName))
    await chmod(join(directory, 'tmp'), 0o1777)
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(directory, path)), { recursive: true })
      await writeFile(join(directory, path), text)
      await chmod(join(directory, path), 0o755)
    }
    const set = ['ENV PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'CMD ["sleep","600"]', ...changes]
    const roots = [process.execPath, ...programs, ...libraries, ...extensions].map((path) => path.slice(1))
    const { stdout: id } = await execa({ buffer: { stdout: false } })('tar', [
      ...['--dereference', '--create', '--numeric-owner', '--owner=0', '--group=0'],
      `--transform=s,^${process.execPath.slice(1)}$,usr/local/bin/node,`,
      ...['-C', '/', ...roots, '-C', directory, '.'],
    ]).pipe(client, [
      ...[...clientFlags, 'import', ...set.flatMap((change) => ['--change', change])],
      ...['-', name],
    ])
    return id.trim()
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

function xtables(): string[] {
  return ['iptables', 'ip6tables'].flatMap((tool) =>
    ['nft', 'legacy'].flatMap((backend) => [
      `${tool}-${backend}`,
      `${tool}-${backend}-save`,
      `${tool}-${backend}-restore`,
    ]),
  )
}
