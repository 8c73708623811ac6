import { expect, test } from 'vitest'
import check from '../../../src/checks/path/mirror-host-mismatch.ts'
import type { MirrorEndpoint } from '../../../src/facts/path/mirrors.ts'
import { faultsOf, type Quiet } from '../../support/facts.ts'
import {
  hostsToml,
  manifestUrl,
  mirrorEndpoint,
  type Outcome,
  registryEndpoint,
  timedOut,
  walkedLeg,
  withMirrors,
  withPull,
  workingMirror,
} from '../../support/mirrors.ts'

const url = manifestUrl('https://10.0.0.5')
const names = { servername: 'registry.example.com', hostHeader: 'registry.example.com' }

const bare = (own: Outcome, named?: Outcome): MirrorEndpoint => ({
  ...mirrorEndpoint('https://10.0.0.5', [walkedLeg(url, '10.0.0.5', own)]),
  ...(named === undefined ? {} : { asNamed: walkedLeg(url, '10.0.0.5', named, names) }),
})

test('a bare address that answers 404 under its own name and 401 under that of the registry is a warning', () => {
  expect(faultsOf(check, withPull([bare(404, 401), registryEndpoint()]))).toEqual([
    {
      subject: 'https://10.0.0.5/v2',
      severity: 'warning',
      message:
        '10.0.0.5:443 gives HTTP 404 to its bare address, and HTTP 401 to the name registry.example.com',
      evidence: [
        `${hostsToml}: host."https://10.0.0.5"`,
        `${url} at 10.0.0.5:443 (SNI none, Host 10.0.0.5): HTTP 404`,
        `${url} at 10.0.0.5:443 (SNI registry.example.com, Host registry.example.com): HTTP 401`,
      ],
      cause: '10.0.0.5 registry.example.com',
      advice:
        'On every node, pin registry.example.com to 10.0.0.5 in /etc/hosts (or in internal DNS) and remove the mirror. A Host header in hosts.toml does not help: containerd ignores it.',
    },
  ])
})

test('where the fallback is broken as well, pulls fail: an error with the leg, the address and the time', () => {
  const [fault] = faultsOf(check, withPull([bare(404, 200), registryEndpoint(timedOut)], { ok: false }))
  expect(fault?.severity).toBe('error')
  expect(fault?.message).toContain(
    'Pulls fall back to registry.example.com, which fails: 203.0.113.10:443: no connection within 5 s',
  )
})

test('a certificate that is not for the bare address is the same fault', () => {
  const refused: Outcome = ['tls-name-mismatch', 'certificate is for other names']
  expect(faultsOf(check, withPull([bare(refused, 401), registryEndpoint()]))).toMatchObject([
    { message: expect.stringContaining('gives certificate is for other names') },
  ])
})

test('the token server of the registry is to be pinned as well', () => {
  const mirror = bare(404, 401)
  if (mirror.asNamed) mirror.asNamed.leadsTo = 'https://auth.example.com/token'
  expect(faultsOf(check, withPull([mirror, registryEndpoint()]))).toMatchObject([
    {
      advice: expect.stringContaining(
        'pin registry.example.com (and its token server auth.example.com) to 10.0.0.5',
      ),
    },
  ])
})

test.each<Quiet>([
  ['without mirror_config there is no finding', () => {}],
  ['without pulls there is no finding', withMirrors({})],
  ['a mirror with a name that works has no finding', withPull([workingMirror(), registryEndpoint()])],
  ['a bare address that works has no finding', withPull([bare(200), registryEndpoint()])],
  ['a bare address that asks for a token has no finding', withPull([bare(401), registryEndpoint()])],
  [
    'a bare address that has nothing under either name has no finding',
    withPull([bare(404, 404), registryEndpoint()]),
  ],
  [
    'a bare address that nobody answers at is left to mirror-unreachable',
    withPull([bare(timedOut, timedOut), registryEndpoint()]),
  ],
])('%s', (_sentence, change) => {
  expect(faultsOf(check, change)).toEqual([])
})
