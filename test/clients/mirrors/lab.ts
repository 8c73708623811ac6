import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { execPath } from 'node:process'
import { fileURLToPath } from 'node:url'
import { type Authority, createAuthority } from '../../support/certs.ts'
import { makeNetworkNamespace, type NetworkNamespace } from '../../support/network-namespace.ts'
import { type Program, startProgram } from '../../support/program.ts'
import { shapeOf } from '../shapes/shape.ts'
import type { Content, SeenRequest, Site } from './answers.ts'
import type { OriginConfig } from './origin.ts'

/** The programs that a lab needs. */
export const labPrograms = ['ip', 'nsenter', 'unshare', 'openssl']

/** A request that a server of the lab logged. */
export type Logged = SeenRequest & { address: string; port: number; servername?: string; status: number }

/** The image that every registry of a lab has. */
export type LabImage = { content: Content; manifest: string; blobs: string[] }

/** A network namespace with addresses of its own, in which runtimes pull from servers that log every request. */
export type Lab = {
  directory: string
  caFile: string
  /** Starts these servers instead of those before, with an image that no runtime has yet. */
  serve(sites: Site[]): Promise<LabImage>
  /** The requests since the last call. */
  takeLog(): Logged[]
  /** Makes the files of a case below the directory of the lab, instead of those before; returns their folder. */
  files(files: Record<string, string>): Promise<string>
  /** A command that runs inside, where these names have these addresses and the authority of the lab is trusted. */
  within(command: string[]): string[]
  stop(): Promise<void>
}

/** Creates a lab whose hosts file is `names`. Needs root. */
export async function startLab(names: Record<string, string>, addresses: string[]): Promise<Lab> {
  const directory = await mkdtemp(join(tmpdir(), 'regguard-mirrors-'))
  const namespace = await makeNetworkNamespace()
  const authority = await createAuthority()
  for (const address of addresses) await addAddress(namespace, address)
  await writeFile(join(directory, 'hosts'), hostsFile(names))
  let origin: Program | undefined
  let [read, images] = [0, 0]
  const own = join(directory, 'files')
  return {
    ...{ directory, caFile: authority.caFile },
    async serve(sites) {
      await origin?.stop()
      read = 0
      images += 1
      const image = labImage(`${directory} ${images}`)
      origin = await startOrigin(directory, namespace, await configOf(sites, image.content, authority))
      return image
    },
    takeLog() {
      const lines = (origin?.stdout() ?? '').split('\n').filter(Boolean)
      const fresh = lines.slice(read).map((line) => JSON.parse(line))
      read = lines.length
      return fresh.filter((line) => line.method !== undefined)
    },
    async files(files) {
      await rm(own, { recursive: true, force: true })
      await mkdir(own)
      for (const [name, content] of Object.entries(files)) {
        await mkdir(dirname(join(own, name)), { recursive: true })
        await writeFile(join(own, name), content)
      }
      return own
    },
    within: (command) => [
      ...['nsenter', `--net=${namespace.path}`, 'unshare', '--mount', '--propagation', 'private'],
      ...['sh', '-c', 'mount --bind "$0" /etc/hosts && export SSL_CERT_FILE="$1" && shift && exec "$@"'],
      ...[join(directory, 'hosts'), authority.caFile, ...command],
    ],
    async stop() {
      await origin?.stop()
      await namespace.remove()
      await authority.remove()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

async function addAddress(namespace: NetworkNamespace, address: string): Promise<void> {
  await namespace.run('ip', ['address', 'add', `${address}/32`, 'dev', 'lo'])
}

const hostsFile = (names: Record<string, string>): string =>
  ['127.0.0.1 localhost', ...Object.entries(names).map(([name, address]) => `${address} ${name}`), ''].join(
    '\n',
  )

function labImage(salt: string): LabImage {
  const { manifest, contents } = shapeOf({ image: 'OCI' }).build(salt)
  const content: Content = {}
  const blobs: string[] = []
  for (const one of contents) {
    const entry = {
      mediaType: one.mediaType,
      digest: one.digest,
      body: Buffer.from(one.bytes).toString('base64'),
    }
    content[`${one.kind === 'manifest' ? 'manifests' : 'blobs'}/${one.digest}`] = entry
    if (one.digest === manifest.digest) content['manifests/1'] = entry
    if (one.kind !== 'manifest') blobs.push(one.digest)
  }
  return { content, manifest: manifest.digest, blobs }
}

async function configOf(sites: Site[], content: Content, authority: Authority): Promise<OriginConfig> {
  const untrusted = await authority.issue({ names: ['TRAEFIK DEFAULT CERT'], selfSigned: true })
  const certified: OriginConfig['sites'] = []
  // One after another: the authority keeps its serial numbers in a file.
  for (const site of sites)
    certified.push(
      site.tls ? { ...site, trusted: await authority.issue({ names: site.tls }), untrusted } : site,
    )
  return { sites: certified, content }
}

async function startOrigin(
  directory: string,
  namespace: NetworkNamespace,
  config: OriginConfig,
): Promise<Program> {
  const file = join(directory, 'origin.json')
  await writeFile(file, JSON.stringify(config))
  const script = fileURLToPath(new URL('origin.ts', import.meta.url))
  return startProgram(['nsenter', `--net=${namespace.path}`, execPath, script, file], {
    name: 'the servers of the lab',
    ready: ({ stdout }) => stdout().split('"listening"').length > config.sites.length,
  })
}
