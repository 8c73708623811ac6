import { expect, test } from 'vitest'
import check from '../../../src/checks/image/platform-missing.ts'
import {
  absent,
  all,
  blobIn,
  type Change,
  childOf,
  descriptorOf,
  digestOf,
  faultsOf,
  healthyFacts,
  imageOf,
  indexIn,
  indexOf,
  manifestIn,
  type Quiet,
  refused,
  repositoryIn,
  repositoryOf,
  seen,
  tagged,
  targetIn,
  unseen,
  withManifest,
} from '../../support/facts.ts'

const wanted = { platforms: 'linux/amd64,linux/arm64,linux/s390x' }
const finding = {
  subject: tagged,
  severity: 'error',
  message: 'linux/s390x is not in the image',
  expected: 'linux/amd64, linux/arm64, linux/s390x',
  actual: 'linux/amd64, linux/arm64',
  platforms: ['linux/s390x'],
  cause: 'platforms',
}
const nothing: Change = () => {}

/** A tag that names a single image, for amd64 by its configuration. */
const single: Change = (facts) => {
  Object.assign(targetIn(facts), {
    first: seen({ state: 'found', digest: digestOf('amd64'), sizeBytes: 1200 }),
  })
  delete manifestIn(facts, 'amd64').descriptor
}

/** An index in which the platforms lie one index deeper. */
const nested: Change = (facts) => {
  const inner = indexOf(childOf('amd64', 'amd64'), childOf('arm64', 'arm64', 'v8'))
  facts.image.repositories = [
    repositoryOf([
      [digestOf('index'), indexOf(descriptorOf('inner', inner.mediaType))],
      [digestOf('inner'), inner],
      [digestOf('amd64'), imageOf('amd64 config', 'base layer')],
      [digestOf('arm64'), imageOf('arm64 config', 'base layer')],
    ]),
  ]
}

/** An index that also lists an artifact, whose configuration names no platform. */
const withArtifact: Change = (facts) => {
  const artifact = imageOf('chart config', 'chart layer')
  artifact.config.mediaType = 'application/vnd.cncf.helm.config.v1+json'
  facts.image.repositories = [
    repositoryOf([
      [
        digestOf('index'),
        indexOf(childOf('amd64', 'amd64'), childOf('arm64', 'arm64', 'v8'), descriptorOf('chart')),
      ],
      [digestOf('amd64'), imageOf('amd64 config', 'base layer')],
      [digestOf('arm64'), imageOf('arm64 config', 'base layer')],
      [digestOf('chart'), artifact],
    ]),
  ]
}

/** The inner index could not be looked at. */
const unseenInside: Change = (facts) => {
  nested(facts)
  for (const fact of repositoryIn(facts).manifests) {
    if (fact.digest === digestOf('inner')) fact.observed = unseen('rate-limited')
  }
}

test('a platform that the index does not list was never pushed', () => {
  expect(faultsOf(check, nothing, wanted)).toEqual([finding])
})

test('every platform that is not in the image is a finding of one cause', () => {
  expect(faultsOf(check, nothing, { platforms: 'linux/s390x,linux/arm/v6' })).toEqual([
    { ...finding, expected: 'linux/s390x, linux/arm/v6' },
    {
      ...finding,
      expected: 'linux/s390x, linux/arm/v6',
      message: 'linux/arm/v6 is not in the image',
      platforms: ['linux/arm/v6'],
    },
  ])
})

test('a platform that is only another variant is not in the image', () => {
  expect(faultsOf(check, nothing, { platforms: 'linux/amd64/v3' })).toMatchObject([
    { platforms: ['linux/amd64/v3'] },
  ])
})

test('a single image has the platform of its configuration and no other', () => {
  expect(faultsOf(check, single, { platforms: 'linux/arm64' })).toMatchObject([
    { message: 'linux/arm64 is not in the image', actual: 'linux/amd64' },
  ])
})

test('indexes inside an index are looked into', () => {
  expect(faultsOf(check, nested, wanted)).toEqual([finding])
})

test('an empty index has no platform at all', () => {
  const change: Change = (facts) => {
    indexIn(facts).children = []
  }
  expect(faultsOf(check, change, { platforms: 'linux/amd64' })).toMatchObject([{ actual: 'no platform' }])
})

test('an artifact in the index is no image whose platform could not be read', () => {
  expect(faultsOf(check, withArtifact, wanted)).toEqual([finding])
})

test('each target is told for itself', () => {
  const facts = healthyFacts()
  const other = {
    ...targetIn(facts),
    target: { reference: { ...targetIn(facts).target.reference, tag: '1' } },
  }
  const faults = faultsOf(check, ({ image }) => image.targets.push(other), wanted)
  expect(faults.map(({ subject }) => subject)).toEqual([tagged, tagged.replace(/1\.2$/, '1')])
})

const given = { platforms: 'linux/amd64,linux/arm64' }

test.each<Quiet>([
  ['platforms that are all in the image are not missing', nothing, given],
  ['without a list nothing is expected', nothing],
  [
    'another way to write a platform is the same platform',
    nothing,
    { platforms: 'linux/aarch64,linux/arm64/v8' },
  ],
  ['a platform image that is gone was pushed all the same', withManifest('arm64', absent()), given],
  [
    'a platform image that was not seen is listed all the same',
    withManifest('arm64', unseen('rate-limited')),
    given,
  ],
  ['a single image has the platform of its configuration', single, { platforms: 'linux/amd64' }],
  ['a platform in an inner index is in the image', nested, given],
  [
    'an image whose configuration was not read may have any platform',
    all(single, (facts) => {
      delete blobIn(facts, 'amd64 config').config
    }),
    wanted,
  ],
  ['an inner index that was not seen may list any platform', unseenInside, wanted],
  [
    'an image in the index that names no platform, and whose configuration was not read, may have any',
    (facts) => {
      delete manifestIn(facts, 'arm64').descriptor?.platform
      delete blobIn(facts, 'arm64 config').config
    },
    wanted,
  ],
  ['an index that was not seen lacks nothing', withManifest('index', unseen('rate-limited')), wanted],
  [
    'a tag that was not seen lacks nothing',
    (facts) => {
      targetIn(facts).first = unseen('rate-limited')
    },
    wanted,
  ],
  [
    'a tag that is missing is told as that',
    (facts) => {
      targetIn(facts).first = seen({ state: 'absent', refusal: refused, waitedMs: 0 })
    },
    wanted,
  ],
  [
    'a tag of a repository that was not walked lacks nothing',
    all((facts) => {
      repositoryIn(facts).name = 'registry.example.com/team/other'
    }),
    wanted,
  ],
])('%s', (_sentence, change, settings) => {
  expect(faultsOf(check, change, settings)).toEqual([])
})
