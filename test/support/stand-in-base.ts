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

/** What a suite names in `suiteNeeds` to make the base. */
export const basePrograms = ['mmdebstrap', 'apt-get', 'dpkg-deb', 'npm', 'tar']

/** The image that the Dockerfile's first stage starts from, by name and tag. */
export async function baseName(): Promise<string> {
  const [, name] = /^FROM ([^\s$]+)/m.exec(await dockerfile()) ?? []
  if (name === undefined) throw new Error('the Dockerfile has no FROM line with a name')
  return name
}

/**
 * Makes what stands in for the base image where no image registry can be reached: this machine's Debian, Node and npm, and
 * beside them, as their only sources, the packages that the Dockerfile installs and the npm packages of the lock file. The
 * Dockerfile's own `apt-get` and `npm ci` then work without a network. Writes a tar archive that `docker import` takes.
 */
export async function makeStandInBase(archive: string): Promise<void> {
  const directory = await mkdtemp(join(await roomyDirectory(), 'regguard-base-'))
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

/** Memory where there is plenty: unpacking Debian waits for the disk otherwise, measured 21 s against 36 s. */
async function roomyDirectory(): Promise<string> {
  const room = await statfs('/dev/shm').then(
    ({ bavail, bsize }) => bavail * bsize,
    () => 0,
  )
  return room > 2 ** 31 ? '/dev/shm' : tmpdir()
}

/** What the slim variants of the real base leave out of every package, and what they keep. */
const slim = [
  ...['path-exclude=/usr/share/man/*', 'path-exclude=/usr/share/locale/*', 'path-exclude=/usr/share/doc/*'],
  'path-include=/usr/share/doc/*/copyright',
]

/** The smallest Debian that has apt, from the sources that this machine uses itself. */
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

/** What `apt-get update` reads of a directory of packages. */
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

/** Fills an npm cache with what the lock file names, and with npm itself. */
async function installNpmCache(directory: string): Promise<void> {
  await mkdir(directory)
  for (const name of ['package.json', 'package-lock.json'])
    await copyFile(join(project, name), join(directory, name))
  const quiet = ['--cache', join(directory, 'cache'), '--no-audit', '--no-fund', '--loglevel=error']
  await execa('npm', ['ci', '--ignore-scripts', ...quiet], { cwd: directory })
  await execa('npm', ['pack', 'npm@11', ...quiet], { cwd: directory })
}

/** Node (the npm package `node` carries the real program) and npm, where the real base has them. */
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
  // Cached answers are kept under the registry's address: that of this machine, whichever it is.
  const { stdout: registry } = await execa('npm', ['config', 'get', 'registry'])
  await mkdir(join(local, 'etc'), { recursive: true })
  await writeFile(join(local, 'etc/npmrc'), `registry=${registry}\noffline=true\nupdate-notifier=false\n`)
}

function dockerfile(): Promise<string> {
  return readFile(join(project, 'Dockerfile'), 'utf8')
}
