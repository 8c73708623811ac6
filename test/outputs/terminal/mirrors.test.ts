import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import type { MirrorsFact } from '../../../src/facts/path/mirrors.ts'
import { mirrorLines } from '../../../src/outputs/terminal/mirrors.ts'
import { pullOf, registryEndpoint, timedOut, workingMirror } from '../../support/mirrors.ts'

const lines = (mirrors: Partial<MirrorsFact>): string[] =>
  mirrorLines({
    mirrors: { configs: [{ path: '/x', kind: 'certs.d' }], problems: [], ignored: [], pulls: [], ...mirrors },
  }).map((line) => stripVTControlCharacters(line))

test('without mirror_config nothing is printed', () => {
  expect(mirrorLines({})).toEqual([])
})

test('each endpoint has one line with its address, its verdict and the runtimes that ask it', () => {
  const endpoints = [workingMirror(), registryEndpoint(timedOut)]
  const pulls = ['containerd 2.x', 'containerd 1.x'].map((runtime) => pullOf(endpoints, { runtime }))
  expect(lines({ pulls })).toEqual([
    '✓ mirror    https://mirror.example.com/v2 for registry.example.com · 10.0.0.5:443: HTTP 200 · containerd 2.x, containerd 1.x',
    '✗ fallback  https://registry.example.com/v2 for registry.example.com · 203.0.113.10:443: no connection within 5 s · containerd 2.x, containerd 1.x',
  ])
})

test('a registry without a mirror is said to have none', () => {
  expect(lines({ pulls: [pullOf([registryEndpoint()])] })).toEqual([
    '- mirrors   none is configured for registry.example.com',
  ])
})
