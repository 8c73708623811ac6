import { multiPlatform } from '../../src/fake-registry/images/images.ts'
import type { EmbeddedRegistry } from '../../src/fake-registry/registry.ts'

/** What a page of real output shows: a title, what happened, and the settings of the step. */
export interface Scene {
  title: string
  story: string
  settings: Record<string, string>
}

const platforms = ['linux/amd64', 'linux/arm64']

/** Fills a registry whose user is `ci` with password `hunter2hunter2`, breaks what the scenes need broken, and lists them. */
export function setScenes({ host, store, faults }: EmbeddedRegistry): Scene[] {
  const pushed = (name: string) => {
    const built = multiPlatform({ platforms, seed: name, attestations: true })
    store.push(`team/${name}`, built.contents, '1.4')
    return built
  }
  pushed('app')
  const orphaned = pushed('orphaned')
  for (const { manifest } of orphaned.images) store.remove('team/orphaned', manifest.digest)
  const layer = pushed('unreadable').images[1]?.layers.at(-1)
  if (layer === undefined) throw new Error('the image has no layers')
  faults.add({ digest: layer.digest }, { staleCache: true })
  const step = (name: string, more: Record<string, string> = {}) => ({
    repo: `${host}/team/${name}`,
    tags: '1.4',
    platforms: platforms.join(','),
    username: 'ci',
    password: 'hunter2hunter2',
    ...more,
  })
  return [
    {
      title: 'A pass',
      story: 'Two platforms with attestations. The registry served the last byte of every blob.',
      settings: step('app'),
    },
    {
      title: 'An orphaned index',
      story: 'Garbage collection deleted the platform images and left the tag and its index.',
      settings: step('orphaned'),
    },
    {
      title: 'An unreadable layer',
      story: 'The registry reports the layer with the right length, but cannot serve it.',
      settings: step('unreadable'),
    },
    {
      title: 'A wrong password',
      story: 'The image is not judged: it could not be inspected.',
      settings: step('app', { password: 'mistyped' }),
    },
    {
      title: 'Mistakes in the settings',
      story: 'All are reported at once, before the registry is contacted.',
      settings: step('app', { platforms: 'linux/amd64,linux', depth: 'deep', plattforms: 'linux/amd64' }),
    },
  ]
}
