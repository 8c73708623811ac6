import { existsSync } from 'node:fs'
import { chmod, copyFile, cp, lutimes, mkdir, readdir, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import { filesOf, type PackageNotes, packagesOf } from './image-files.ts'

/**
 * Collects the contents of the image in the Dockerfile's first stage: `<root>/system` (Node, tools, their libraries, the few
 * files of /etc that libraries read) and `<root>/plugin` (the program in parts). Every entry gets the same modification time, given in
 * seconds.
 */
const [root, epoch] = process.argv.slice(2)
if (root === undefined || !/^\d+$/.test(epoch ?? '')) throw new Error('usage: image-root.ts ROOT SECONDS')
const system = join(root, 'system')

/** Programs that the observers of runner and path start. Both iptables backends, as either may have the rules. */
const programs = ['ip', 'ss', 'nft', 'ping', 'socat', 'xtables-nft-multi', 'xtables-legacy-multi']

/** The names of the xtables programs, without the restore programs. `iptables` without a suffix is nft, as on Debian. */
const backends = { '': 'nft', '-nft': 'nft', '-legacy': 'legacy' }
const programLinks = ['iptables', 'ip6tables'].flatMap((tool) =>
  Object.entries(backends).flatMap(([suffix, backend]) =>
    ['', '-save'].map((verb) => [`usr/sbin/${tool}${suffix}${verb}`, `xtables-${backend}-multi`] as const),
  ),
)

const etc = {
  'etc/passwd': ['root:x:0:0:root:/:/sbin/nologin', 'regguard:x:65532:65532:regguard:/tmp:/sbin/nologin', ''],
  'etc/group': ['root:x:0:', 'regguard:x:65532:', ''],
  // Without it, the C library queries DNS before /etc/hosts, and names in that file would resolve differently than elsewhere.
  'etc/nsswitch.conf': ['passwd: files', 'group: files', 'hosts: files dns', ''],
}

const files = await filesOf(programs, process.execPath)
for (const { from, to } of files) await copyInto(from, to)
await copyInto(process.execPath, 'usr/local/bin/node')
await execa('strip', [target('usr/local/bin/node')])
// Node's licence in the official Node image.
if (existsSync('/usr/local/LICENSE')) await copyInto('/usr/local/LICENSE', 'usr/share/doc/node/copyright')
await copyInto('/etc/ssl/certs/ca-certificates.crt', 'etc/ssl/certs/ca-certificates.crt')
await copyInto('/usr/lib/os-release', 'usr/lib/os-release')
await link('etc/os-release', '../usr/lib/os-release')
for (const name of ['bin', 'sbin', 'lib', 'lib64']) await link(name, `usr/${name}`)
for (const [name, to] of programLinks) await link(name, to)
for (const [name, lines] of Object.entries(etc)) await write(name, lines.join('\n'))
for (const notes of await packagesOf(files.map(({ from }) => from))) await describePackage(notes)
await mkdir(target('tmp'))
await cp('dist/image', join(root, 'plugin/usr/local/lib/regguard'), { recursive: true })
for (const part of [system, join(root, 'plugin')]) await normalise(part)
await chmod(target('tmp'), 0o1777)

/** Writes a package's record, which vulnerability scanners read in images without dpkg, and its licence. */
async function describePackage({ name, status, copyright }: PackageNotes): Promise<void> {
  await write(`var/lib/dpkg/status.d/${name}`, status)
  await copyInto(copyright, `usr/share/doc/${name}/copyright`)
}

function target(path: string): string {
  return join(system, path)
}

async function copyInto(from: string, to: string): Promise<void> {
  await mkdir(dirname(target(to)), { recursive: true })
  await copyFile(from, target(to))
}

async function write(to: string, text: string): Promise<void> {
  await mkdir(dirname(target(to)), { recursive: true })
  await writeFile(target(to), text)
}

async function link(name: string, to: string): Promise<void> {
  await mkdir(dirname(target(name)), { recursive: true })
  await symlink(to, target(name))
}

/** Sets mode and time of a directory and everything in it, so that two builds give the same bytes. */
async function normalise(directory: string): Promise<void> {
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name)
    if (entry.isDirectory()) await normalise(path)
    else {
      if (entry.isFile()) await chmod(path, /\/(s?bin|lib64)\/|\.so[.\d]*$/.test(path) ? 0o755 : 0o644)
      await lutimes(path, Number(epoch), Number(epoch))
    }
  }
  await chmod(directory, 0o755)
  await lutimes(directory, Number(epoch), Number(epoch))
}
