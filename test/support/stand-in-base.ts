import { createHash } from 'node:crypto'
import {
  chmod,
  copyFile,
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  statfs,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'

const project = fileURLToPath(new URL('../../', import.meta.url))

/** The programs for `suiteNeeds` in suites that create the base. */
export const basePrograms = ['mmdebstrap', 'apt-get', 'dpkg-deb', 'npm', 'tar']

/** Name and tag of the image that the Dockerfile's first stage starts from. */
export async function baseName(): Promise<string> {
  const [, name] = /^FROM ([^\s$]+)/m.exec(await dockerfile()) ?? []
  if (name === undefined) throw new Error('the Dockerfile has no FROM line with a name')
  return name
}

/**
 * Creates a stand-in for the base image without an image registry: this machine's Debian, Node and npm, with the packages that the
 * Dockerfile installs and the npm packages of the lock file as their only sources. The Dockerfile's own `apt-get` and `npm ci`
 * then work without a network. Writes a tar archive for `docker import`.
 */
export async function makeStandInBase(archive: string): Promise<void> {
  const directory = await mkdtemp(join(await workDirectory(), 'regguard-base-'))
  try {
    const root = join(directory, 'root')
    await Promise.all([installDebian(root, directory), installNpmCache(join(directory, 'npm'))])
    await writePackageIndex(join(root, 'packages'))
    await installNode(root, directory)
    await cp(join(directory, 'npm/cache'), join(root, 'root/.npm'), { recursive: true })
    await execa('tar', ['-C', root, '--numeric-owner', '-cf', archive, '.'])
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

/** A directory in memory if there is enough: unpacking Debian takes 21 s there and 36 s on disk (measured). */
async function workDirectory(): Promise<string> {
  const freeBytes = await statfs('/dev/shm').then(
    ({ bavail, bsize }) => bavail * bsize,
    () => 0,
  )
  return freeBytes > 2 ** 31 ? '/dev/shm' : tmpdir()
}

/** The files that the slim variants of the real base exclude from every package, and those they keep. */
const slim = [
  ...['path-exclude=/usr/share/man/*', 'path-exclude=/usr/share/locale/*', 'path-exclude=/usr/share/doc/*'],
  'path-include=/usr/share/doc/*/copyright',
]

/** Installs the smallest Debian with apt, from this machine's own sources. */
async function installDebian(root: string, directory: string): Promise<void> {
  const [, packages = ''] = /apt-get install ((?:[^&\\\n]|\\\n)+)/.exec(await dockerfile()) ?? []
  const names = packages.split(/[\s\\]+/).filter((word) => /^[a-z]/.test(word))
  const format = 'deb $(REPO_URI) $(RELEASE) $(COMPONENT)'
  const { stdout } = await execa('apt-get', [
    'indextargets',
    '--format',
    format,
    'Created-By: Packages',
    'Origin: Debian',
  ])
  const sources = [...new Set(stdout.split('\n'))].filter((line) => line !== '')
  if (names.length === 0 || sources.length === 0)
    throw new Error('no packages named, or apt has no lists: run apt-get update')
  const fetch = ['apt-get', 'install', '--yes', '--download-only', '--no-install-recommends', ...names].join(
    ' ',
  )
  const hook = `APT_CONFIG=$MMDEBSTRAP_APT_CONFIG ${fetch} && mkdir "$1/packages" && mv "$1"/var/cache/apt/archives/*.deb "$1/packages/"`
  const options = [
    '--mode=root',
    '--variant=apt',
    '--format=directory',
    ...slim.map((line) => `--dpkgopt=${line}`),
  ]
  await execa('mmdebstrap', [...options, `--customize-hook=${hook}`, '', root, '-'], {
    input: `${sources.join('\n')}\n`,
    env: { TMPDIR: directory },
  })
  await rm(join(root, 'etc/apt/sources.list.d'), { recursive: true, force: true })
  await writeFile(join(root, 'etc/apt/sources.list'), 'deb [trusted=yes] file:/packages ./\n')
}

/** Writes the index that `apt-get update` reads from a directory of packages. */
async function writePackageIndex(directory: string): Promise<void> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.deb')).sort()
  const entries = await Promise.all(
    names.map(async (name) => {
      const { stdout } = await execa('dpkg-deb', ['--field', join(directory, name)])
      const bytes = await readFile(join(directory, name))
      const digest = createHash('sha256').update(bytes).digest('hex')
      return `${stdout}\nFilename: ./${name}\nSize: ${bytes.length}\nSHA256: ${digest}\n`
    }),
  )
  await writeFile(join(directory, 'Packages'), entries.join('\n'))
}

/** Fills an npm cache with the packages of the lock file, and with npm itself. */
async function installNpmCache(directory: string): Promise<void> {
  await mkdir(directory)
  for (const name of ['package.json', 'package-lock.json'])
    await copyFile(join(project, name), join(directory, name))
  const quiet = ['--cache', join(directory, 'cache'), '--no-audit', '--no-fund', '--loglevel=error']
  await execa('npm', ['ci', '--ignore-scripts', ...quiet], { cwd: directory })
  await execa('npm', ['pack', 'npm@11', ...quiet], { cwd: directory })
}

/** Installs Node (from the npm package `node`) and npm at the paths of the real base. */
async function installNode(root: string, directory: string): Promise<void> {
  const local = join(root, 'usr/local')
  await copyFile(join(project, 'node_modules/node/bin/node'), join(local, 'bin/node'))
  const modules = join(local, 'lib/node_modules/npm')
  await mkdir(modules, { recursive: true })
  const [pack = ''] = (await readdir(join(directory, 'npm'))).filter((name) => name.endsWith('.tgz'))
  await execa('tar', [
    '-xzf',
    join(directory, 'npm', pack),
    '-C',
    modules,
    '--strip-components=1',
    '--no-same-owner',
  ])
  await chmod(join(modules, 'bin/npm-cli.js'), 0o755)
  await symlink('../lib/node_modules/npm/bin/npm-cli.js', join(local, 'bin/npm'))
  await copyFile(join(project, 'node_modules/node/README.md'), join(local, 'LICENSE'))
  // The cache is keyed by the registry's address, so the image must use the same one as this machine.
  const { stdout: registry } = await execa('npm', ['config', 'get', 'registry'])
  await mkdir(join(local, 'etc'), { recursive: true })
  await writeFile(join(local, 'etc/npmrc'), `registry=${registry}\noffline=true\nupdate-notifier=false\n`)
}

function dockerfile(): Promise<string> {
  return readFile(join(project, 'Dockerfile'), 'utf8')
}
