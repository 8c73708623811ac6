import { expect, test } from 'vitest'
import check from '../../../src/checks/path/mirror-unreachable.ts'
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
  workingMirror,
} from '../../support/mirrors.ts'

const origin = 'https://mirror.example.com'
const mirror = (outcome: Outcome) =>
  mirrorEndpoint(origin, [walkedLeg(manifestUrl(origin), '10.0.0.5', outcome)])

test('a mirror that does not answer is a warning with its file, its address and the time', () => {
  expect(faultsOf(check, withPull([mirror(timedOut), registryEndpoint()]))).toEqual([
    {
      subject: `${origin}/v2`,
      severity: 'warning',
      message: '10.0.0.5:443: no connection within 5 s',
      evidence: [
        `${hostsToml}: host."${origin}"`,
        `${manifestUrl(origin)} at 10.0.0.5:443 (SNI mirror.example.com, Host mirror.example.com): no connection within 5 s`,
      ],
      cause: 'mirror.example.com',
    },
  ])
})

test('a mirror with an error of its own is one as well, and an error where nothing else serves the image', () => {
  expect(faultsOf(check, withPull([mirror(502), registryEndpoint(timedOut)], { ok: false }))).toMatchObject([
    { severity: 'error', message: '10.0.0.5:443: HTTP 502; nothing else serves the image either' },
  ])
})

test.each<Quiet>([
  ['without mirror_config there is no finding', () => {}],
  ['a mirror that works has no finding', withPull([workingMirror(), registryEndpoint()])],
  ['a mirror without the image has no finding', withPull([mirror(404), registryEndpoint()])],
  ['a mirror that asks for a token has no finding', withPull([mirror(401), registryEndpoint()])],
  ['a registry is no mirror', withPull([workingMirror(), registryEndpoint(timedOut)])],
])('%s', (_sentence, change) => {
  expect(faultsOf(check, change)).toEqual([])
})
