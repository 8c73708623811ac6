import { expect, test } from 'vitest'
import check from '../../../src/checks/path/mirror-config-invalid.ts'
import type { IgnoredFile } from '../../../src/facts/path/mirrors.ts'
import { faultsOf, type Quiet } from '../../support/facts.ts'
import { hostsToml, registryEndpoint, withMirrors, withPull, workingMirror } from '../../support/mirrors.ts'

const unparsed = (runtime: string): IgnoredFile => ({
  ...{ file: hostsToml, key: 'line 3', message: 'is not valid TOML: no', invalid: true },
  ...{ runtime, registry: 'registry.example.com' },
})

test('each problem has its own message with file and key', () => {
  const problems = [
    { file: hostsToml, key: 'ca', message: 'names /x/ca.crt, which does not exist' },
    { file: '/etc/other', message: 'does not exist in this step' },
  ]
  expect(faultsOf(check, withMirrors({ problems }))).toEqual([
    { subject: hostsToml, severity: 'error', message: 'ca names /x/ca.crt, which does not exist' },
    { subject: '/etc/other', severity: 'error', message: 'it does not exist in this step' },
  ])
})

test('a file that is not TOML is one finding, though every version ignores it', () => {
  expect(
    faultsOf(check, withMirrors({ ignored: [unparsed('containerd 2.x'), unparsed('containerd 1.x')] })),
  ).toEqual([
    {
      subject: hostsToml,
      severity: 'error',
      message: 'line 3 is not valid TOML: no. Runtimes ignore the whole file and ask the registry directly',
    },
  ])
})

test.each<Quiet>([
  ['without mirror_config there is no finding', () => {}],
  ['a healthy configuration has no finding', withPull([workingMirror(), registryEndpoint()])],
  [
    'a valid file that a version ignores is left to hosts-toml-ignored',
    withMirrors({ ignored: [{ ...unparsed('containerd 1.x'), invalid: false }] }),
  ],
])('%s', (_sentence, change) => {
  expect(faultsOf(check, change)).toEqual([])
})
