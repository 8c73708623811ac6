import { expect, test } from 'vitest'
import { parseMirrors } from '../../../src/settings/plan/mirror-coverage.ts'
import type { Problem } from '../../../src/settings/problem.ts'
import { planOf, planProblems, plugin, problemsIn, settingsIn } from '../settings.ts'

const mirrors = (mirror_coverage: string) => planOf({ repo: 'a.b/c', tags: '1', mirror_coverage }).mirrors
const problems = (given: Record<string, string>) =>
  planProblems({ repo: 'a.b/c', tags: '1', ...given }).map(
    ({ setting, value, message }) => `${setting} ${value ?? ''} ${message}`,
  )

test('a mirror is for all registries, or for one, and may have a path', () => {
  expect(
    mirrors('mirror.lan:5000, docker.io=10.0.0.5:5001 ghcr.io=Harbor.lan/ghcr/'.replace(' g', ',g')),
  ).toEqual([
    { name: 'mirror.lan:5000', host: 'mirror.lan:5000', prefix: '' },
    { name: '10.0.0.5:5001', host: '10.0.0.5:5001', prefix: '', registry: 'docker.io' },
    { name: 'harbor.lan/ghcr', host: 'harbor.lan', prefix: 'ghcr/', registry: 'ghcr.io' },
  ])
  expect(mirrors('registry-1.docker.io=localhost:5000')).toMatchObject([{ registry: 'docker.io' }])
})

test.each([
  'mirror',
  'https://mirror.lan',
  'a.b=c.d=e.f',
  'docker.io/library=mirror.lan',
  'docker.io=',
  '=mirror.lan',
  'mirror.lan/UPPER',
])('“%s” is none', (value) => {
  expect(problems({ mirror_coverage: value })[0]).toContain(
    `mirror_coverage ${value} must be the host of a mirror`,
  )
})

test('a registry is not its own mirror, and a kind is of mirrors', () => {
  expect(problems({ mirror_coverage: 'a.b=a.b' })[0]).toContain('names the registry itself')
  const value = settingsIn(plugin({ repo: 'a.b/c', tags: '1', mirror_kind: 'copy' }))
  const found: Problem[] = []
  parseMirrors(value, new Set(['mirror_kind']), found)
  expect(found).toMatchObject([
    { setting: 'mirror_kind', message: expect.stringContaining('mirror_coverage') },
  ])
})

test('the address that build plugins call mirror is left alone, except where a cluster is inspected', () => {
  expect(problems({ mirror: 'https://mirror.lan' })).toEqual([])
  expect(problemsIn(plugin({ mode: 'cluster', mirror: 'mirror.lan:5000' }))).toMatchObject([
    { setting: 'mirror', message: 'names no mirror to look into: that is mirror_coverage' },
  ])
})
