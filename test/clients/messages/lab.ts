import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execPath } from 'node:process'
import { fileURLToPath } from 'node:url'
import { manifest } from '../../../src/fake-registry/images/image-content.ts'
import { createAuthority } from '../../support/certs.ts'
import { makeNetworkNamespace } from '../../support/network-namespace.ts'
import { startProgram } from '../../support/program.ts'
import { shapeOf } from '../shapes/shape.ts'
import { addresses, type Fault, type OriginConfig, type Served } from './faults.ts'

/** The programs that the lab needs. */
export const messageLabPrograms = ['ip', 'nft', 'nsenter', 'unshare', 'openssl']

/** A network namespace in which pulls fail, each host in its own way. */
export interface MessageLab {
  directory: string
  /** A command that runs inside, with the names of the lab, its resolver, and its authority trusted. */
  within(command: string[]): string[]
  stop(): Promise<void>
}

/** Makes the lab for these faults. Needs root. */
export async function startMessageLab(faults: readonly Fault[]): Promise<MessageLab> {
  const directory = await mkdtemp(join(tmpdir(), 'regguard-messages-'))
  const undo: (() => Promise<unknown>)[] = [() => rm(directory, { recursive: true, force: true })]
  const stop = async () => {
    for (const step of undo.splice(0).reverse()) await step()
  }
  try {
    const namespace = await makeNetworkNamespace()
    undo.push(namespace.remove)
    const authority = await createAuthority()
    undo.push(authority.remove)
    for (const address of Object.values(addresses))
      await namespace.run('ip', ['address', 'add', `${address}/32`, 'dev', 'lo'])
    const drop = `table ip lab {
      chain in {
        type filter hook input priority 0
        ip daddr ${addresses.dropped} drop
      }
    }`
    await namespace.run('nft', [drop])
    const hosts = faults.flatMap(({ host, at }) => (at === undefined ? [] : [`${at} ${host}`]))
    const more = [`${addresses.tls} auth.lab storage.lab`, '127.0.0.1 localhost', '']
    await writeFile(join(directory, 'hosts'), [...hosts, ...more].join('\n'))
    await writeFile(join(directory, 'resolv.conf'), `nameserver ${addresses.resolver}\n`)
    const names = [...faults.map(({ host }) => host), 'auth.lab', 'storage.lab']
    const config: OriginConfig = {
      addresses,
      certificates: {
        trusted: await authority.issue({ names }),
        untrusted: await authority.issue({ names: ['untrusted.lab'], selfSigned: true }),
        misnamed: await authority.issue({ names: ['ingress.lab'] }),
        expired: await authority.issue({ names: ['expired.lab'], expired: true }),
      },
      content: Object.fromEntries(
        faults.map(({ host }) => {
          const kind = host.split('.')[0] ?? ''
          return [kind, contentOf(`${directory} ${kind}`, kind === 'foreign' ? 's390x' : 'amd64')]
        }),
      ),
    }
    const file = join(directory, 'origin.json')
    await writeFile(file, JSON.stringify(config))
    const script = fileURLToPath(new URL('origin.ts', import.meta.url))
    const origin = await startProgram(['nsenter', `--net=${namespace.path}`, execPath, script, file], {
      name: 'the servers of the lab',
      ready: ({ stdout }) => stdout().split('"listening"').length > 4,
    })
    undo.push(() => origin.stop())
    return {
      ...{ directory, stop },
      within: (command) => [
        ...[
          'nsenter',
          `--net=${namespace.path}`,
          'unshare',
          '--mount',
          '--propagation',
          'private',
          'sh',
          '-c',
        ],
        'mount --bind "$0/hosts" /etc/hosts && mount --bind "$0/resolv.conf" /etc/resolv.conf && export SSL_CERT_FILE="$1" GODEBUG=netdns=go && shift && exec "$@"',
        ...[directory, authority.caFile, ...command],
      ],
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/** The image of a host, and an index for this platform, or for another. */
function contentOf(salt: string, architecture: string): Record<string, Served> {
  const { manifest: image, contents } = shapeOf({ image: 'OCI' }).build(salt)
  const served = (
    one: { digest: string; mediaType: string; bytes: Uint8Array },
    is: Served['is'],
  ): Served => ({
    ...{ digest: one.digest, mediaType: one.mediaType, is },
    body: Buffer.from(one.bytes).toString('base64'),
  })
  const index = manifest(indexType, {
    ...{ schemaVersion: 2, mediaType: indexType },
    manifests: [
      {
        ...{ mediaType: image.mediaType, digest: image.digest, size: image.bytes.length },
        platform: { os: 'linux', architecture },
      },
    ],
  })
  const objects = contents.map((one) => {
    const isConfig = one.kind !== 'manifest' && one.mediaType.includes('config')
    return served(one, one.digest === image.digest ? 'child' : isConfig ? 'config' : 'layer')
  })
  const all = [...objects, served(index, 'index')]
  return {
    ...Object.fromEntries(all.map((one) => [one.digest, one])),
    1: served(index, 'index'),
  }
}

const indexType = 'application/vnd.oci.image.index.v1+json'
