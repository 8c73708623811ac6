import { expect, test } from 'vitest'
import check from '../../../src/checks/path/mirror-error-masked.ts'
import type { MirrorPull } from '../../../src/facts/path/mirrors.ts'
import { faultsOf, type Quiet } from '../../support/facts.ts'
import {
  image,
  manifestUrl,
  mirrorEndpoint,
  pullOf,
  registryEndpoint,
  timedOut,
  walkedLeg,
  withMirrors,
  withPull,
} from '../../support/mirrors.ts'

const mirror = manifestUrl('https://mirror.example.com')
const registry = manifestUrl('https://registry.example.com')
const endpoints = [
  mirrorEndpoint('https://mirror.example.com', [walkedLeg(mirror, '10.0.0.5', 404)]),
  registryEndpoint(timedOut),
]
const masked: Partial<MirrorPull> = { ok: false, told: mirror, masked: [registry] }

test('a 404 that is reported in place of a timeout is a warning for the version that does so', () => {
  const pulls = [
    pullOf(endpoints, masked),
    pullOf(endpoints, { ok: false, told: registry, masked: [mirror], runtime: 'containerd 1.x' }),
  ]
  expect(faultsOf(check, withMirrors({ pulls }))).toEqual([
    {
      subject: image,
      severity: 'warning',
      message:
        'containerd 2.x reports “not found” of mirror.example.com; what failed is registry.example.com: 203.0.113.10:443: no connection within 5 s',
      evidence: [
        `${mirror} at 10.0.0.5:443 (SNI mirror.example.com, Host mirror.example.com): HTTP 404`,
        `${registry} at 203.0.113.10:443 (SNI registry.example.com, Host registry.example.com): no connection within 5 s`,
      ],
      cause: 'mirror.example.com registry.example.com',
    },
  ])
})

test.each<Quiet>([
  ['without mirror_config there is no finding', () => {}],
  ['a pull that succeeds masks nothing', withPull(endpoints, { ...masked, ok: true })],
  [
    'a 404 of every endpoint is the truth',
    withPull([endpoints[0] ?? registryEndpoint(), registryEndpoint(404)], masked),
  ],
  [
    'a failure that is reported is not masked',
    withPull(endpoints, { ok: false, told: registry, masked: [mirror] }),
  ],
])('%s', (_sentence, change) => {
  expect(faultsOf(check, change)).toEqual([])
})
