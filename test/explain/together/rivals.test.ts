import { expect, test } from 'vitest'
import type { Status } from '../../../src/core/finding.ts'
import type { Group } from '../../../src/core/groups.ts'
import { type Rival, rivals } from '../../../src/explain/together/rivals.ts'
import type { RequestFact } from '../../../src/facts/path.ts'
import { all, type Change, healthyFacts, registry, unseen, withBlob } from '../../support/facts.ts'
import { alive, dead, nameOf, withNames } from '../../support/name-facts.ts'
import { healthyRunner, unseenArea } from '../../support/runner-facts.ts'

const requests =
  (...statuses: (number | undefined)[]): Change =>
  ({ path }) => {
    path.log = statuses.map(
      (status): RequestFact => ({
        ...{
          method: 'GET',
          url: `https://${registry}/v2/`,
          role: 'registry',
          at: 0,
          http2: true,
          attempt: 0,
        },
        phases: {},
        ...(status === undefined ? { failure: unseen('connection-cut').why } : { status }),
      }),
    )
  }
const withRunner: Change = (facts) => {
  facts.runner = healthyRunner()
}
const withoutRules: Change = ({ runner }) => {
  if (runner) runner.rules = unseenArea('it needs the host')
}
const dialled = (...addresses: ReturnType<typeof alive>[]): Change =>
  withNames([nameOf(registry, { '192.0.2.53': ['192.0.2.10'] }, { dialled: addresses })])

type Case = [
  sentence: string,
  at: Group,
  rival: { group: Group; status?: Status; missing?: number },
  change: Change,
  expected: Omit<Rival, 'group'> | undefined,
]

const ruledOut = (why: string) => ({ ruledOut: true, why })
const left = (why: string) => ({ ruledOut: false, why })
const nothing: Change = () => {}

test.each<Case>([
  [
    'the image, of which all was inspected',
    'path',
    { group: 'image' },
    nothing,
    ruledOut('all 14 objects of it were inspected'),
  ],
  [
    'not the image, of which a blob was not',
    'path',
    { group: 'image', status: 'unknown', missing: 1 },
    withBlob('base layer', unseen('tls-timeout')),
    left('1 of its 14 objects could not be inspected'),
  ],
  [
    'not the image, of which nothing was read',
    'registry',
    { group: 'image', status: 'unknown', missing: 1 },
    ({ image }) => {
      image.repositories = []
    },
    left('nothing of it could be inspected'),
  ],
  [
    'the registry, which answered every request',
    'path',
    { group: 'registry' },
    requests(200, 404),
    ruledOut('it answered 2 of 2 requests'),
  ],
  [
    'not the registry, which answered some requests',
    'path',
    { group: 'registry' },
    requests(200, undefined),
    left('it answered 1 of 2 requests'),
  ],
  [
    'not the registry, of which the address that failed answers a probe',
    'path',
    { group: 'registry' },
    all(requests(200, undefined), dialled(alive('192.0.2.10')), ({ path }) => {
      for (const { failure } of path.log) if (failure) failure.addresses = ['192.0.2.10']
    }),
    left('it answered 1 of 2 requests'),
  ],
  [
    'not the registry, of which a check crashed',
    'path',
    { group: 'registry', status: 'unknown' },
    requests(200),
    left('its checks did not all run'),
  ],
  [
    'not the image, of which a check crashed',
    'path',
    { group: 'image', status: 'unknown' },
    nothing,
    left('its checks did not all run'),
  ],
  [
    'not the runner, of which a check crashed',
    'path',
    { group: 'runner', status: 'unknown' },
    withRunner,
    left('its checks did not all run'),
  ],
  [
    'the registry, which answers at another address',
    'path',
    { group: 'registry', status: 'unknown', missing: 1 },
    all(requests(undefined), dialled(dead('203.0.113.9'), alive('192.0.2.10'))),
    ruledOut('it answers at 192.0.2.10'),
  ],
  [
    'not the registry, which answers nowhere',
    'path',
    { group: 'registry', status: 'unknown', missing: 1 },
    all(requests(undefined), dialled(dead('203.0.113.9'))),
    left('it answered no request'),
  ],
  [
    'the path, on which every request was answered',
    'registry',
    { group: 'path' },
    requests(503),
    ruledOut('all 15 requests were answered'),
  ],
  [
    'not the path, on which requests failed',
    'registry',
    { group: 'path' },
    requests(503, undefined),
    left('1 request failed'),
  ],
  [
    'the runner, of which every area was inspected',
    'path',
    { group: 'runner' },
    withRunner,
    ruledOut('all its areas were inspected'),
  ],
  [
    'not the runner, of which an area was not',
    'path',
    { group: 'runner', status: 'unknown', missing: 1 },
    all(withRunner, withoutRules),
    left('1 of its 9 areas was not inspected'),
  ],
  [
    'not the runner, of which an area was not, beside one that does not apply',
    'path',
    { group: 'runner', status: 'unknown', missing: 1 },
    all(withRunner, withoutRules, ({ runner }) => {
      if (runner) runner.networks = { seen: false, applies: false, why: 'no engine', remedies: [] }
    }),
    left('1 of its 8 areas was not inspected'),
  ],
  [
    'not the runner, which has warnings',
    'path',
    { group: 'runner', status: 'warn' },
    withRunner,
    left('it has warnings of its own'),
  ],
  [
    'the storage, of which every image is whole',
    'path',
    { group: 'storage' },
    (facts) => {
      facts.storage = { root: '/var/lib/registry' } as never
    },
    ruledOut('every image in /var/lib/registry is whole'),
  ],
  ['nothing that was not checked', 'path', { group: 'runner', status: 'off' }, nothing, undefined],
  ['nothing beside an image that is at fault', 'image', { group: 'path' }, nothing, undefined],
])('%s is ruled out', (_, at, { group, status = 'pass', missing = 0 }, change, expected) => {
  const facts = healthyFacts()
  change(facts)
  const found = rivals([at], new Set([at]), [{ group, status, missing }], facts)
  expect(found).toEqual(expected ? [{ group, ...expected }] : [])
})

test('a group that is at fault itself is no rival', () => {
  const standing = { group: 'registry', status: 'fail', missing: 0 } as const
  expect(rivals(['path'], new Set<Group>(['path', 'registry']), [standing], healthyFacts())).toEqual([])
})
