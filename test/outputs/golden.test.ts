import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { renderJson } from '../../src/outputs/json.ts'
import { renderJunit } from '../../src/outputs/junit.ts'
import { renderMarkdown } from '../../src/outputs/markdown-file.ts'
import type { Report } from '../../src/report/schema.ts'
import type { CiRun } from '../../src/settings/ci/ci.ts'
import { rendered } from './rendered.ts'
import { scene, sceneNames } from './scenes.ts'

const folder = new URL('./golden/', import.meta.url)
const update = process.env.UPDATE_GOLDEN === '1'

const woodpecker: CiRun = {
  platform: 'woodpecker',
  event: 'push',
  number: '#366',
  url: 'https://ci.example.com/repos/7/pipeline/366',
}
const actions = (platform: 'forgejo' | 'github'): CiRun => ({
  platform,
  event: 'push',
  number: '#12',
  url: 'https://git.example.com/team/app/actions/runs/12',
})

/** How each renderer tells a scene. */
const renderings: Record<string, (name: string) => Promise<string>> = {
  plain: async (name) => (await rendered(scene(name, woodpecker), 'woodpecker')).log,
  forgejo: async (name) => (await rendered(scene(name, actions('forgejo')), 'forgejo')).log,
  github: async (name) => (await rendered(scene(name, actions('github')), 'github')).log,
  summary: async (name) => (await rendered(scene(name, actions('github')), 'github')).summary,
  junit: async (name) => renderJunit(withoutTrivialChecks(scene(name, woodpecker))),
  markdown: async (name) => renderMarkdown(scene(name, actions('forgejo'))),
  json: async (name) => renderJson(withoutTrivialChecks(scene(name, woodpecker))),
}

/** The list of checks is long; in a golden file only those stand that neither passed nor were off. */
const withoutTrivialChecks = (report: Report): Report => ({
  ...report,
  checks: report.checks.filter(({ status }) => status !== 'pass' && status !== 'off'),
})

/** Compares with what was looked at and found good; UPDATE_GOLDEN=1 writes it anew, to be looked at again. */
function expectGolden(name: string, text: string): void {
  const file = new URL(name, folder)
  if (update) {
    mkdirSync(folder, { recursive: true })
    writeFileSync(file, text)
  }
  expect(text).toBe(readFileSync(file, 'utf8'))
}

describe.each(Object.keys(renderings))('%s tells it as it was found good', (renderer) => {
  test.each(sceneNames)('%s', async (name) => {
    const render = renderings[renderer]
    expectGolden(`${name}.${renderer}.txt`, (await render?.(name)) ?? '')
  })
})
