import { startRegistry } from '../../fake-registry/registry.ts'
import { createCore } from '../../log/core.ts'
import { renderPlain } from '../../outputs/terminal/plain.ts'
import type { Report } from '../../report/schema.ts'
import { planTargets } from '../../settings/plan/plan.ts'
import { readSettings } from '../../settings/read.ts'
import { type VerifyOptions, verify } from '../../verify.ts'
import { wantsColour } from '../colour.ts'
import type { Played } from '../demo/pages.ts'
import { type Scene, setScenes } from '../demo/scenes.ts'
import { defaultDocsUrl } from '../docs-url.ts'
import type { Io } from '../io.ts'
import { version } from '../version.ts'
import { writeEntries } from '../write-entries.ts'

/**
 * Starts a registry in this process, pushes images to it, breaks all but one, and verifies each; then checks the recording of a runner.
 * With `file`, writes a page of each, and `file` lists them. Returns 0 if it found exactly what was broken, 2 if a page cannot be
 * written.
 */
export async function demoCommand(io: Io, file: string | undefined): Promise<number> {
  const registry = await startRegistry({})
  const core = createCore({
    platform: 'plain',
    level: 'info',
    colour: wantsColour(io, 'plain'),
    env: {},
    write: io.write,
    appendFile: io.appendFile,
  })
  const { setSecret } = core
  const played: Played[] = []
  const show = async ({ name, title, exitCode }: Scene, line: string, report: Promise<Report>) => {
    core.info(`\n── ${title}\n   $ ${line}\n`)
    const made = await report
    await writeEntries(core, renderPlain(made))
    played.push({ name, title, report: made })
    return made.exitCode === exitCode
  }
  try {
    core.info(`Started a registry on ${registry.host} with four images, three of them broken.`)
    const outcomes: boolean[] = []
    for (const scene of await setScenes(registry)) {
      const [[, image] = ['', '']] = scene.settings
      outcomes.push(await show(scene, `regguard-plugin ${image}`, play(io, setSecret, scene)))
    }
    const { recordedScene, recorded } = await import('../demo/recording.ts')
    outcomes.push(
      await show(
        recordedScene,
        'regguard-plugin replay RECORDING',
        play(io, setSecret, recordedScene, recorded()),
      ),
    )
    core.info(
      '\nEach of the images was verified over HTTP, and the recording is of a real runner. Next: add the step after your push (README.md).',
    )
    if (file !== undefined && !(await writePages(io, core, file, played))) return 2
    return outcomes.every(Boolean) ? 0 : 1
  } finally {
    await registry.close()
  }
}

async function writePages(
  io: Io,
  core: ReturnType<typeof createCore>,
  file: string,
  played: readonly Played[],
): Promise<boolean> {
  const { demoPages } = await import('../demo/pages.ts')
  const pages = demoPages(file, played)
  try {
    for (const { path, text } of pages) io.writeFile(path, text)
  } catch (error) {
    core.error(`The pages cannot be written: ${error instanceof Error ? error.message : String(error)}`)
    return false
  }
  core.info(`Pages: ${file} lists the ${pages.length - 1} pages beside it.`)
  return true
}

async function play(
  io: Io,
  keepSecret: VerifyOptions['keepSecret'],
  { settings }: Scene,
  recorded: Pick<VerifyOptions, 'replayed' | 'history'> = {},
): Promise<Report> {
  const read = readSettings({}, new Map(settings))
  const plan = read.ok ? planTargets(read.value, { images: [] }) : undefined
  if (!read.ok || !plan?.ok) throw new Error('the settings of the demo are invalid')
  return verify({
    ...recorded,
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
    keepSecret,
    progress: () => {},
    now: io.now,
  })
}
