import { createServer } from 'node:net'
import { multiPlatform } from '../../fake-registry/images/images.ts'
import type { EmbeddedRegistry } from '../../fake-registry/registry.ts'

/** One part of the demo: what happened, the settings that show it, and how a run with them ends. */
export interface Scene {
  /** The end of its page's file name. */
  name: string
  title: string
  settings: [name: string, value: string][]
  exitCode: number
}

const platforms = ['linux/amd64', 'linux/arm64', 'linux/riscv64']
const checks: Scene['settings'][number] = ['checks', 'image,registry,path']

/** Pushes the images of the demo to a registry and breaks all but the first. */
export async function setScenes(registry: EmbeddedRegistry): Promise<Scene[]> {
  const { store, faults, host } = registry
  const push = (name: string) => {
    const image = multiPlatform({ platforms, seed: name })
    store.push(`demo/${name}`, image.contents, '1.0')
    return image
  }
  const settingsOf = (name: string): Scene['settings'] => [['images', `${host}/demo/${name}:1.0`], checks]
  push('healthy')

  for (const image of push('orphaned').images.slice(0, 2))
    store.remove('demo/orphaned', image.manifest.digest)

  const layer = push('unreadable').images[0]?.layers.at(-1)
  if (layer) faults.add({ digest: layer.digest }, { staleCache: true })

  const [, arm64] = push('unreachable').images
  if (arm64) store.remove('demo/unreachable', arm64.manifest.digest)
  const storage = `http://127.0.0.1:${await closedPort()}/storage`
  faults.add({ path: /^\/v2\/demo\/unreachable\/blobs\// }, { redirect: storage })

  return [
    {
      ...{ name: 'healthy', title: 'A healthy image for three platforms' },
      ...{ settings: settingsOf('healthy'), exitCode: 0 },
    },
    {
      name: 'orphaned',
      title: 'After “garbage-collect --delete-untagged”: the tag exists, two platform images are gone',
      ...{ settings: settingsOf('orphaned'), exitCode: 1 },
    },
    {
      name: 'unreadable',
      title: 'HEAD answers 200 with the right length for every blob, but one layer cannot be read',
      ...{ settings: settingsOf('unreadable'), exitCode: 1 },
    },
    {
      name: 'path',
      title: 'Two faults at once: a platform image is gone, and the storage of the blobs refuses connections',
      ...{ settings: settingsOf('unreachable'), exitCode: 1 },
    },
  ]
}

/** A port of this machine that nothing listens on. */
async function closedPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 9
}
