import { expect, test } from 'vitest'
import check from '../../../src/checks/path/redirect-host-unreachable.ts'
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
const storage = 'https://storage.example.com/blob'

const mirror = (outcome: Outcome) =>
  mirrorEndpoint(origin, [
    walkedLeg(manifestUrl(origin), '10.0.0.5', 200),
    {
      ...walkedLeg(storage, '10.0.0.7', outcome, { step: 'storage' }),
      object: 'blobs/sha256:4f52269b0123456789abcdef',
    },
  ])

test('storage that cannot be reached is an error where the pull fails', () => {
  expect(faultsOf(check, withPull([mirror(timedOut), registryEndpoint()], { ok: false }))).toEqual([
    {
      subject: 'storage.example.com',
      severity: 'error',
      message:
        'mirror.example.com redirects blobs/sha256:4f52269b0123 to storage.example.com at 10.0.0.7:443: no connection within 5 s',
      evidence: [
        `${hostsToml}: host."${origin}"`,
        `${storage} at 10.0.0.7:443 (SNI storage.example.com, Host storage.example.com): no connection within 5 s`,
      ],
    },
  ])
})

test('it is a warning where the registry serves the blobs instead', () => {
  expect(faultsOf(check, withPull([mirror(timedOut), registryEndpoint()]))).toMatchObject([
    { severity: 'warning' },
  ])
})

test.each<Quiet>([
  [
    'what this run must not probe is not judged',
    withPull([mirror(['redirect-refused', 'not probed']), registryEndpoint()]),
  ],
  ['without mirror_config there is no finding', () => {}],
  ['storage that serves the blobs has no finding', withPull([mirror(206), registryEndpoint()])],
  ['storage that answers with an error is reached', withPull([mirror(403), registryEndpoint()])],
  ['the end of the run is no fault', withPull([mirror(['run-stopped', 'stopped']), registryEndpoint()])],
])('%s', (_sentence, change) => {
  expect(faultsOf(check, change)).toEqual([])
})
