import { readdirSync, readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import {
  deployFolder,
  readDeployed,
  rejectedByWoodpecker,
  serviceCommand,
  settingsOf,
  settingsOfStep,
  verifiedUnits,
} from '../support/deployed.ts'
import { goModule, hasGo } from '../support/go-programs.ts'
import { suiteNeeds } from '../support/need.ts'
import { suiteWithout } from '../support/suite.ts'

const state = '/var/lib/regguard:/var/lib/regguard'

suiteNeeds(['systemd-analyze', 'docker'])('systemd', () => {
  test('accepts all units', async () => {
    const units = readdirSync(new URL('systemd/', deployFolder))
    expect(units.length).toBe(5)
    expect(await verifiedUnits(units)).toEqual([0, ''])
  })
})

describe('the services', () => {
  const of = async (name: string) => {
    const unit = await readDeployed(`systemd/${name}.service`)
    const { docker, regguard } = serviceCommand(unit)
    expect(docker.join(' ')).toContain('--read-only --cap-drop ALL --security-opt no-new-privileges')
    expect(docker.join(' ')).toContain(`--volume ${state}`)
    // The folder exists, and belongs to the user of the image, before Docker would create it for root.
    expect(unit).toMatch(
      /^ExecStartPre=\/usr\/bin\/install -d -m 0700 -o 65532 -g 65532 \/var\/lib\/regguard$/m,
    )
    return { unit, docker, settings: settingsOf(regguard) }
  }

  test('one watches, and publishes its metrics on this host only', async () => {
    const { unit, docker, settings } = await of('regguard-watch')
    expect(settings).toMatchObject({ mode: 'watch', once: false, registries: ['registry.example.com'] })
    expect(docker.join(' ')).toContain('--publish 127.0.0.1:9743:9743')
    expect(unit).toContain('Restart=always')
    // How a watch ends after SIGTERM.
    expect(unit).toContain('SuccessExitStatus=143\n')
  })

  test('the other runs once, within the time between two runs', async () => {
    const { unit, settings } = await of('regguard-watch-once')
    expect(settings).toMatchObject({
      ...{ mode: 'watch', once: true, registries: ['registry.example.com'] },
      report_prometheus: '/textfile/regguard-watch.prom',
    })
    expect(await readDeployed('systemd/regguard-watch-once.timer')).toContain('OnCalendar=*:0/15\n')
    expect(unit).toContain('TimeoutStartSec=14min\n')
  })
})

describe('compose', () => {
  const file = readFileSync(new URL('compose/compose.yaml', deployFolder), 'utf8')
  const [schema] = [goModule('github.com/compose-spec/compose-go/v2@v2.16.2/schema/compose-spec.json')]
  const text = (() => {
    try {
      return readFileSync(schema ?? '', 'utf8')
    } catch {
      return undefined
    }
  })()
  const suite =
    text === undefined
      ? suiteWithout('needs the schema of compose, which .ci/run downloads as a Go module', {
          mustRunInCi: hasGo,
        })
      : describe
  suite('its specification', () => {
    test('accepts the file', () => {
      const validate = new Ajv2020({ allErrors: true, strict: false, validateFormats: false }).compile(
        JSON.parse(text ?? ''),
      )
      validate(parse(file))
      expect(validate.errors).toBeNull()
      validate({ services: { watch: { image: 'x', comand: [] } } })
      expect(JSON.stringify(validate.errors)).toContain('comand')
    })
  })

  test('it watches with least privileges, and serves on this host only', () => {
    const { watch } = parse(file).services
    expect(settingsOf(watch.command, watch.environment)).toMatchObject({
      ...{ mode: 'watch', registries: ['registry.example.com'], state_dir: '/var/lib/regguard' },
    })
    expect(watch).toMatchObject({
      ...{ read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges'] },
      ports: ['127.0.0.1:9743:9743'],
      volumes: ['./state:/var/lib/regguard'],
    })
  })
})

describe('Woodpecker', () => {
  test('inspects once on its cron job', async () => {
    const { when, steps } = parse(await readDeployed('woodpecker/registry-watch.yaml'))
    expect(when).toContainEqual({ event: 'cron', cron: 'registry-watch' })
    expect(settingsOfStep(steps[0].settings)).toMatchObject({
      ...{ mode: 'watch', once: true, registries: ['registry.example.com'], state_dir: '/var/lib/regguard' },
    })
    expect(steps[0].volumes).toEqual([state])
  })

  const schemas = process.env.REGGUARD_SCHEMAS
  test.skipIf(schemas === undefined)('has a schema that accepts the workflow', async () => {
    const workflow = await readDeployed('woodpecker/registry-watch.yaml')
    expect(await rejectedByWoodpecker(schemas ?? '', workflow)).toBeNull()
  })
})

describe('the page', () => {
  test('names every file that is there to be used, and only those', async () => {
    const page = await readDeployed('README.md')
    const links = [...page.matchAll(/\]\(([^)#]+)\)/g)].map(([, path = '']) => path)
    for (const link of links) expect(await readDeployed(link).catch(() => 'a folder'), link).not.toBe('')
    const all = readdirSync(deployFolder, { recursive: true, encoding: 'utf8' }).filter((path) =>
      /\.\w+$/.test(path),
    )
    // Those of the chart, the generated ones and the tests of the rules are named by their folder.
    const single = all.filter((path) => !/^(helm|kustomize|prometheus\/tests)\/|^README\.md$/.test(path))
    expect(single.filter((path) => !links.includes(path))).toEqual([])
    for (const folder of ['helm/regguard', 'kustomize/example']) expect(links).toContain(folder)
  })
})
