import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Remedy } from '../../src/core/remedy.ts'
import { remedyText } from '../../src/explain/remedies.ts'
import { remedyYaml } from '../../src/explain/remedy-yaml.ts'
import type { Report, ReportRunner } from '../../src/report/schema.ts'
import { type Engine, enginePrograms, startEngine } from '../support/engine.ts'
import { mainProgram } from '../support/main-program.ts'
import { suiteNeeds } from '../support/need.ts'
import { importToolImage, toolPrograms } from '../support/tool-image.ts'

const project = fileURLToPath(new URL('../..', import.meta.url))
const context = { platform: 'plain' } as const

/** The flags of the command that a remedy has for the command line. */
function flagsOf(remedy: Remedy): string[] {
  const command = remedyYaml(remedy, context)
  const [, flags] = /^docker run --rm (.+) regguard-plugin IMAGE$/.exec(command) ?? []
  if (flags === undefined) throw new Error(`not a command of docker run: ${command}`)
  return flags.split(' ')
}

suiteNeeds([...enginePrograms, ...toolPrograms])('what a remedy says to run', () => {
  let engine: Engine
  /** In a container without flags. */
  let plain: ReportRunner['areas'] | undefined
  beforeAll(async () => {
    engine = await startEngine()
    await importToolImage(engine)
  }, 120_000)
  afterAll(() => engine?.stop(), 60_000)

  /** The areas of a run in a container with these flags; the socket of the laboratory stands for that of a host. */
  async function areasWith(flags: string[]): Promise<ReportRunner['areas']> {
    const given = flags.map((flag) => flag.replace(/^\/var\/run\/docker\.sock(?=:)/, engine.socket))
    const settings = { checks: 'runner', runner_window: '0s', report_json: '/tmp/report.json' }
    const env = Object.entries(settings).map(([name, value]) => `--env=PLUGIN_${name.toUpperCase()}=${value}`)
    const script = `node /app/${mainProgram} > /dev/null; cat /tmp/report.json`
    const container = [`--volume=${project}:/app:ro`, ...env, ...given, 'tools', 'sh', '-c', script]
    const { runner } = JSON.parse(await engine.docker(['run', '--rm', ...container])) as Report
    return runner?.areas ?? []
  }

  test.each<[remedy: Remedy, before: string[], areas: string[]]>([
    ['docker-socket', [], ['networks', 'churn']],
    [
      'socket-access',
      ['--user', '65532:65532', '-v', '/var/run/docker.sock:/var/run/docker.sock'],
      ['networks', 'churn'],
    ],
    ['host-network', [], ['links', 'routes', 'conntrack']],
    ['host-pid', [], ['links', 'routes', 'conntrack']],
    ['kernel-log', [], ['kernel']],
    ['net-admin', ['--network', 'host'], ['rules']],
  ])('%s shows the areas that ask for it', { timeout: 60_000 }, async (remedy, before, areas) => {
    plain ??= await areasWith([])
    const missing = (before.length === 0 ? plain : await areasWith(before)).filter(({ remedies }) =>
      remedies.includes(remedy),
    )
    const names = missing.map(({ area }) => area)
    expect(names).toEqual(expect.arrayContaining(areas))
    const after = await areasWith(flagsOf(remedy))
    expect(after.filter(({ area, state }) => names.includes(area) && state !== 'inspected')).toEqual([])
    // The text has the same flags; the volume of the socket is another remedy’s.
    const own = flagsOf(remedy)
      .join(' ')
      .replace(/ -v \S+$/, '')
    expect(remedyText(remedy, context)).toContain(`docker run ${own}`)
  })
})
