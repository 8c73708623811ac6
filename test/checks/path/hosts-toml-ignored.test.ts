import { expect, test } from 'vitest'
import check from '../../../src/checks/path/hosts-toml-ignored.ts'
import type { IgnoredFile } from '../../../src/facts/path/mirrors.ts'
import { faultsOf, type Quiet } from '../../support/facts.ts'
import {
  hostsToml,
  pullOf,
  registryEndpoint,
  withMirrors,
  withPull,
  workingMirror,
} from '../../support/mirrors.ts'

const ignored = (runtime: string, message = 'has no [host."…"] section'): IgnoredFile => ({
  ...{ file: hostsToml, message, runtime, registry: 'registry.example.com', invalid: false },
})

test('a file that every version ignores is an error', () => {
  const both = ['containerd 2.x', 'containerd 1.x'].map((runtime) => ({
    ...ignored(runtime, 'has the unknown capability “mirror”'),
    key: 'host."https://a".capabilities',
  }))
  expect(faultsOf(check, withMirrors({ ignored: both }))).toEqual([
    {
      subject: hostsToml,
      severity: 'error',
      message:
        'containerd 2.x and containerd 1.x: host."https://a".capabilities has the unknown capability “mirror”',
    },
  ])
})

test('one that only containerd 1.x ignores is a note while pulls work without it', () => {
  const pulls = ['containerd 2.x', 'containerd 1.x'].map((runtime) =>
    pullOf([registryEndpoint()], { runtime }),
  )
  expect(faultsOf(check, withMirrors({ ignored: [ignored('containerd 1.x')], pulls }))).toMatchObject([
    { severity: 'note', message: 'containerd 1.x: it has no [host."…"] section' },
  ])
})

test('it is a warning where pulls fail without it', () => {
  const pulls = [
    pullOf([registryEndpoint()]),
    pullOf([registryEndpoint()], { runtime: 'containerd 1.x', ok: false }),
  ]
  expect(faultsOf(check, withMirrors({ ignored: [ignored('containerd 1.x')], pulls }))).toMatchObject([
    { severity: 'warning' },
  ])
})

test.each<Quiet>([
  ['without mirror_config there is no finding', () => {}],
  ['a healthy configuration has no finding', withPull([workingMirror(), registryEndpoint()])],
  [
    'a file that is not TOML is left to mirror-config-invalid',
    withMirrors({ ignored: [{ ...ignored('containerd 1.x'), invalid: true }] }),
  ],
])('%s', (_sentence, change) => {
  expect(faultsOf(check, change)).toEqual([])
})
