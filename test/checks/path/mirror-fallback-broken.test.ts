import { expect, test } from 'vitest'
import check from '../../../src/checks/path/mirror-fallback-broken.ts'
import { faultsOf, type Quiet } from '../../support/facts.ts'
import { registryEndpoint, timedOut, withPull, workingMirror } from '../../support/mirrors.ts'

test('a registry that cannot be reached is a warning while a mirror serves the image', () => {
  expect(faultsOf(check, withPull([workingMirror(), registryEndpoint(timedOut)]))).toEqual([
    {
      subject: 'registry.example.com',
      severity: 'warning',
      message: '203.0.113.10:443: no connection within 5 s; a mirror serves the image today',
      evidence: [
        'https://registry.example.com/v2/team/app/manifests/1.2 at 203.0.113.10:443 (SNI registry.example.com, Host registry.example.com): no connection within 5 s',
      ],
    },
  ])
})

test('it is an error once no mirror serves the image', () => {
  expect(
    faultsOf(check, withPull([workingMirror(), registryEndpoint(timedOut)], { ok: false })),
  ).toMatchObject([
    { severity: 'error', message: expect.stringContaining('no mirror serves the image either') },
  ])
})

test.each<Quiet>([
  ['without mirror_config there is no finding', () => {}],
  ['a registry that asks for a token has no finding', withPull([workingMirror(), registryEndpoint()])],
  ['a registry that has no such image has no finding', withPull([workingMirror(), registryEndpoint(404)])],
  ['a registry without a mirror is left to the other findings', withPull([registryEndpoint(timedOut)])],
  [
    'the end of the run is no fault',
    withPull([workingMirror(), registryEndpoint(['run-stopped', 'stopped'])]),
  ],
])('%s', (_sentence, change) => {
  expect(faultsOf(check, change)).toEqual([])
})
