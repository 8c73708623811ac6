import { expect, test } from 'vitest'
import check from '../../../src/checks/image/sparse-allowed.ts'
import {
  about,
  absent,
  all,
  alsoManifest,
  altered,
  faultsOf,
  type Quiet,
  repository,
  unseen,
  withBlob,
  withManifest,
} from '../../support/facts.ts'

const mirror = { mirror: 'true' }
const gone = withManifest('arm64', absent())

test('a platform image that a mirror lacks is a note', () => {
  expect(faultsOf(check, gone, mirror)).toEqual([
    {
      ...about('arm64', 'linux/arm64'),
      severity: 'note',
      message: 'not served by the mirror',
      cause: repository,
    },
  ])
})

test('all platform images that a mirror lacks share one cause', () => {
  expect(faultsOf(check, all(gone, withManifest('amd64', absent())), mirror)).toMatchObject([
    { platforms: ['linux/amd64'], cause: repository },
    { platforms: ['linux/arm64'], cause: repository },
  ])
})

test('a platform image that another repository serves is still not fetched', () => {
  expect(faultsOf(check, withManifest('arm64', absent('team/builds')), mirror)).toHaveLength(1)
})

test('an attestation that a mirror lacks is a note, too, because no pull fetches it', () => {
  expect(faultsOf(check, withManifest('arm64 attestation', absent()), mirror)).toMatchObject([
    { ...about('arm64 attestation', 'attestation'), severity: 'note' },
  ])
})

test.each<Quiet>([
  ['a complete mirror lacks nothing', () => {}, mirror],
  ['a registry that is not a mirror may lack nothing', gone],
  ['a mirror that is a URL is a setting of another plugin', gone, { mirror: 'https://mirror.example.com' }],
  [
    'a missing referrer is not a platform image',
    alsoManifest('sbom', 'referrer', 'referrers[0]', absent()),
    mirror,
  ],
  ['a mirror may not lack a manifest that no index lists', withManifest('index', absent()), mirror],
  ['a platform image with other bytes was fetched', withManifest('arm64', altered()), mirror],
  [
    'a platform image that was not observed may have been fetched',
    withManifest('arm64', unseen('rate-limited')),
    mirror,
  ],
  ['a missing layer is not a platform image', withBlob('arm64 layer', absent()), mirror],
])('%s', (_sentence, change, given) => {
  expect(faultsOf(check, change, given)).toEqual([])
})
