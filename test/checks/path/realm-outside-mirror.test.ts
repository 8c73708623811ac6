import { expect, test } from 'vitest'
import check from '../../../src/checks/path/realm-outside-mirror.ts'
import { faultsOf, type Quiet } from '../../support/facts.ts'
import {
  hostsToml,
  manifestUrl,
  mirrorEndpoint,
  type Outcome,
  registryEndpoint,
  timedOut,
  walkedLeg,
  withPull,
} from '../../support/mirrors.ts'

const origin = 'https://mirror.example.com'
const realm = 'https://auth.example.com/token'

const mirror = (outcome: Outcome, { at = '8.8.8.8', url = realm, mirrorAt = '10.0.0.5' } = {}) =>
  mirrorEndpoint(origin, [
    walkedLeg(manifestUrl(origin), mirrorAt, 401),
    walkedLeg(url, at, outcome, { step: 'token' }),
  ])

test('a token server that cannot be reached is an error, though the mirror answers', () => {
  expect(faultsOf(check, withPull([mirror(timedOut), registryEndpoint(timedOut)]))).toEqual([
    {
      subject: realm,
      severity: 'error',
      message:
        'the realm that mirror.example.com names for registry.example.com, at 8.8.8.8:443, fails: no connection within 5 s',
      evidence: [
        `${hostsToml}: host."${origin}"`,
        `${manifestUrl(origin)} at 10.0.0.5:443 (SNI mirror.example.com, Host mirror.example.com): HTTP 401`,
        `${realm} at 8.8.8.8:443 (SNI auth.example.com, Host auth.example.com): no connection within 5 s`,
      ],
      cause: 'auth.example.com',
    },
  ])
})

test('a public token server of an internal mirror is a warning while it works', () => {
  expect(faultsOf(check, withPull([mirror(200), registryEndpoint()]))).toMatchObject([
    {
      severity: 'warning',
      message: expect.stringContaining('is public, while the mirror is inside at 10.0.0.5:443'),
    },
  ])
})

test.each<Quiet>([
  [
    'what this run must not probe is not judged',
    withPull([mirror(['redirect-refused', 'not probed'], { at: '10.0.0.9' }), registryEndpoint()]),
  ],
  ['without mirror_config there is no finding', () => {}],
  ['a token server inside has no finding', withPull([mirror(200, { at: '10.0.0.9' }), registryEndpoint()])],
  [
    'a public mirror with a public token server has no finding',
    withPull([mirror(200, { mirrorAt: '1.1.1.1' }), registryEndpoint()]),
  ],
  [
    'a token server on the host of the mirror has no finding',
    withPull([mirror(timedOut, { url: `${origin}/token` }), registryEndpoint()]),
  ],
  [
    'the end of the run is no fault',
    withPull([mirror(['run-stopped', 'stopped'], { at: '10.0.0.9' }), registryEndpoint()]),
  ],
])('%s', (_sentence, change) => {
  expect(faultsOf(check, change)).toEqual([])
})
