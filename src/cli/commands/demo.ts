import { multiPlatform } from '../../fake-registry/images/images.ts'
import { type EmbeddedRegistry, startRegistry } from '../../fake-registry/registry.ts'
import { createCore } from '../../log/core.ts'
import { renderPlain } from '../../outputs/terminal/plain.ts'
import { planTargets } from '../../settings/plan/plan.ts'
import { readSettings } from '../../settings/read.ts'
import { verify } from '../../verify.ts'
import { wantsColour } from '../colour.ts'
import { defaultDocsUrl } from '../docs-url.ts'
import type { Io } from '../io.ts'
import { version } from '../version.ts'
import { writeEntries } from '../write-entries.ts'

/** One part of the demo: what happened to the registry, and the image that shows it. */
interface Scene {
  title: string
  image: string
}

/**
 * Starts a registry in this process, pushes three images to it, breaks two, and verifies each. Returns 0 if it found exactly what
 * was broken.
 */
export async function demoCommand(io: Io): Promise<number> {
  const registry = await startRegistry({})
  const core = createCore({
    platform: 'plain',
    level: 'info',
    colour: wantsColour(io, 'plain'),
    env: {},
    write: io.write,
    appendFile: io.appendFile,
  })
  try {
    core.info(`Started a registry on ${registry.host} with three images, two of them broken.`)
    const codes: number[] = []
    for (const scene of setScenes(registry)) {
      core.info(`\n── ${scene.title}\n   $ regguard-plugin ${scene.image}\n`)
      codes.push(await play(io, core, scene.image))
    }
    core.info(
      '\nEach of these was a real verification over HTTP. Next: add the step after your push (README.md).',
    )
    return codes.join() === '0,1,1' ? 0 : 1
  } finally {
    await registry.close()
  }
}

function setScenes(registry: EmbeddedRegistry): Scene[] {
  const { store, faults, host } = registry
  const platforms = ['linux/amd64', 'linux/arm64', 'linux/riscv64']
  const healthy = multiPlatform({ platforms, seed: 'healthy' })
  store.push('demo/healthy', healthy.contents, '1.0')

  const orphaned = multiPlatform({ platforms, seed: 'orphaned' })
  store.push('demo/orphaned', orphaned.contents, '1.0')
  for (const image of orphaned.images.slice(0, 2)) store.remove('demo/orphaned', image.manifest.digest)

  const unreadable = multiPlatform({ platforms, seed: 'unreadable' })
  store.push('demo/unreadable', unreadable.contents, '1.0')
  const layer = unreadable.images[0]?.layers.at(-1)
  if (layer) faults.add({ digest: layer.digest }, { staleCache: true })

  return [
    { title: 'A healthy image for three platforms', image: `${host}/demo/healthy:1.0` },
    {
      title: 'After “garbage-collect --delete-untagged”: the tag exists, two platform images are gone',
      image: `${host}/demo/orphaned:1.0`,
    },
    {
      title: 'HEAD answers 200 with the right length for every blob, but one layer cannot be read',
      image: `${host}/demo/unreadable:1.0`,
    },
  ]
}

async function play(io: Io, core: ReturnType<typeof createCore>, image: string): Promise<number> {
  const read = readSettings(
    {},
    new Map([
      ['images', image],
      ['checks', 'image,registry,path'],
    ]),
  )
  const plan = read.ok ? planTargets(read.value, { images: [] }) : undefined
  if (!read.ok || !plan?.ok) throw new Error('the settings of the demo are invalid')
  const report = await verify({
    certsRoot: io.certsRoot,
    settings: read.value,
    plan: plan.value,
    ci: { platform: 'plain' },
    version,
    authorities: [],
    authSources: [],
    docsUrl: defaultDocsUrl,
    env: {},
    signal: new AbortController().signal,
    keepSecret: core.setSecret,
    progress: () => {},
    now: io.now,
  })
  await writeEntries(core, renderPlain(report))
  return report.exitCode
}
