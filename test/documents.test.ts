import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { checks } from '../src/checks/index.ts'
import { readArguments } from '../src/cli/arguments.ts'
import { planWatch } from '../src/settings/plan/watch.ts'
import { readSettings } from '../src/settings/read.ts'
import { type ActSchema, actProblems } from './support/act-schema.ts'
import { commandLines, type Piece, yamlPieces } from './support/documents.ts'
import { suiteWithout } from './support/suite.ts'

const pieces = await yamlPieces()
const of = (kind: Piece['kind']) =>
  pieces.filter((piece) => piece.kind === kind).map(({ place, text }) => ({ place, text }))

describe('YAML in the documentation uses known settings', async () => {
  const schema = JSON.parse(await readFile(new URL('../docs/settings.schema.json', import.meta.url), 'utf8'))
  const validate = new Ajv2020({ allErrors: true }).compile(schema)
  const steps = [...of('woodpecker'), ...of('workflow')].flatMap(({ place, text }) =>
    ourSettings(parse(text)).map((settings) => ({ place, settings })),
  )

  test('the documentation has such YAML', () => {
    expect(steps.length).toBeGreaterThan(20)
  })

  test.each(steps)('$place', ({ settings }) => {
    expect(validate(settings) ? [] : validate.errors).toEqual([])
  })
})

describe('command lines in the documentation are those that regguard accepts', async () => {
  const lines = await commandLines()

  test('the documentation has such lines, and the ways to watch a registry among them', () => {
    expect(lines.length).toBeGreaterThan(12)
    const ways = lines.filter(({ place, words }) => place.startsWith('README') && words[0] === 'watch')
    expect(ways.length).toBeGreaterThanOrEqual(2)
  })

  test.each(lines)('$place', ({ words }) => {
    const command = readArguments(words)
    expect(command.name).not.toBe('mistyped')
    if (command.name === 'explain') expect(checks.map(({ id }) => id)).toContain(words[1])
    if (command.name !== 'verify') return
    const settings = readSettings({}, command.settings)
    if (!settings.ok) throw new Error(JSON.stringify(settings.problems))
    expect([command.problems, settings.unknown]).toEqual([[], []])
    if (settings.value.mode === 'watch')
      expect(planWatch(settings.value, [], { env: {}, hostName: 'host' })).toMatchObject({ ok: true })
  })
})

test('every YAML block is of a known kind', () => {
  expect(of('unknown')).toEqual([])
})

test('a pipeline is valid YAML if none of its variables is set', () => {
  for (const { place, text } of of('woodpecker')) {
    expect(() => parse(withoutVariables(text)), place).not.toThrow()
  }
})

test('decisions are numbered without a gap or a repetition, and each is headed by its number', async () => {
  const decisions = new URL('../docs/decisions/', import.meta.url)
  const names = (await readdir(decisions)).sort()
  expect(names.map((name) => Number(name.slice(0, 4)))).toEqual(names.map((_, at) => at + 1))
  for (const [at, name] of names.entries())
    expect(await readFile(new URL(name, decisions), 'utf8'), name).toMatch(new RegExp(`^# ${at + 1}\\. `))
})

describe('issue templates', () => {
  const folder = new URL('../.forgejo/issue_template/', import.meta.url)

  test.each(['bug', 'false-alarm', 'missed-fault'])(
    '%s asks for version, platform and JSON report',
    async (name) => {
      const { body } = parse(await readFile(new URL(`${name}.yaml`, folder), 'utf8'))
      const ids: string[] = body.flatMap(({ id }: { id?: string }) => id ?? [])
      expect(ids).toEqual(expect.arrayContaining(['version', 'platform', 'report']))
      expect(new Set(ids).size).toBe(ids.length)
    },
  )
})

const folder = process.env.REGGUARD_SCHEMAS
const suite =
  folder === undefined
    ? suiteWithout('needs a folder of published schemas, named by REGGUARD_SCHEMAS', { mustRunInCi: false })
    : describe

suite("YAML in the documentation matches the platforms' published schemas", () => {
  const load = async (name: string) => JSON.parse(await readFile(join(folder ?? '', name), 'utf8'))

  test.each(of('woodpecker'))('Woodpecker: $place', async ({ text }) => {
    const validate = new Ajv({ allErrors: true, strict: false, validateFormats: false }).compile(
      await load('woodpecker.json'),
    )
    const content = withoutUnlistedKeys({ steps: [{ name: 'x', image: 'x' }], ...parse(text) })
    expect(validate(content) ? [] : validate.errors).toEqual([])
  })

  test.each(of('workflow'))('Forgejo: $place', async ({ text }) => {
    const schema: ActSchema = await load('forgejo-workflow.json')
    expect(actProblems(schema, 'workflow-root-strict', { on: 'push', ...parse(text) })).toEqual([])
  })

  test.each(of('action'))('Forgejo: $place', async ({ text }) => {
    const schema: ActSchema = await load('forgejo-action.json')
    expect(actProblems(schema, 'action-root', parse(text))).toEqual([])
  })

  test('the schemas report what does not match', async () => {
    const schema: ActSchema = await load('forgejo-workflow.json')
    const workflow = `
      on: psh
      jobs:
        verify:
          runs-on: docker
          steps:
            - { uses: ./, with: { repo: "$\{{ job_name }}" }, when: x }`
    expect(actProblems(schema, 'workflow-root-strict', parse(workflow))).toEqual([
      expect.stringMatching(/^\/on: must be/),
      '/jobs/verify/steps/0/with/repo: job_name is unknown here',
      '/jobs/verify/steps/0/when: unknown here',
    ])
  })
})

/**
 * The pipeline without keys that Woodpecker reads but its schema does not list for plugin steps: `lintTrusted` in its linter names
 * the trust they need.
 */
function withoutUnlistedKeys(pipeline: { steps: Record<string, unknown>[] }): object {
  const steps = pipeline.steps.map(({ network_mode: _mode, devices: _devices, ...step }) => step)
  return { ...pipeline, steps }
}

/** Replaces variables with nothing, as Woodpecker does before it parses the YAML if they are unset. */
function withoutVariables(text: string): string {
  return text.replaceAll(/(?<!\$)\$\{[^}{]+\}/g, '')
}

/** The settings of every regguard step in a pipeline or workflow, found by its image or action. */
function ourSettings(node: unknown): object[] {
  if (typeof node !== 'object' || node === null) return []
  if ('settings' in node && 'image' in node && /regguard/.test(String(node.image)))
    return [Object(node.settings)]
  if ('with' in node && 'uses' in node && /regguard|^\.\/$/.test(String(node.uses)))
    return [Object(node.with)]
  return Object.values(node).flatMap(ourSettings)
}
