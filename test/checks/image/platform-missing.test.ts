import { expect, test } from 'vitest'
import check from '../../../src/checks/image/platform-missing.ts'
import { ociEmpty } from '../../../src/oci/media-types.ts'
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
  imageIn,
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

/** A tag that refers to a single image, whose configuration says amd64. */
const single: Change = (facts) => {
  Object.assign(targetIn(facts), {
    first: seen({ state: 'found', digest: digestOf('amd64'), sizeBytes: 1200 }),
  })
  delete manifestIn(facts, 'amd64').descriptor
}

/** An index whose platforms are in a nested index. */
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

/** An index that also lists an artifact, whose configuration has no platform. */
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

/** A tag that refers to something that is no image: its configuration or its layers say so. */
const artifactOf =
  (change: (image: ReturnType<typeof imageOf>) => void): Change =>
  (facts) => {
    single(facts)
    change(imageIn(facts, 'amd64'))
  }

/** The amd64 image of an index, also listed for arm64. */
const listedTwice: Change = (facts) => {
  indexIn(facts).children = [childOf('amd64', 'amd64'), childOf('amd64', 'arm64')]
}

test('one image that is listed for two platforms is both, and no third', () => {
  expect(faultsOf(check, listedTwice, wanted)).toEqual([finding])
})

test('where several platforms are expected, a single image is named as the cause', () => {
  expect(faultsOf(check, single, { platforms: 'linux/amd64,linux/arm64' })).toMatchObject([
    {
      message: 'linux/arm64 is not in the image',
      title: expect.stringContaining('a single image, not an index'),
      actual: 'linux/amd64',
      cause: 'single image',
    },
  ])
})

test('an image of unknown/unknown platform is not the expected one', () => {
  const change: Change = (facts) => {
    indexIn(facts).children = [
      childOf('amd64', 'amd64'),
      { ...descriptorOf('arm64'), platform: { os: 'unknown', architecture: 'unknown' } },
    ]
  }
  expect(faultsOf(check, change, { platforms: 'linux/amd64,linux/arm64' })).toMatchObject([
    { platforms: ['linux/arm64'] },
  ])
})

/** A nested index that was not observed. */
const unseenInside: Change = (facts) => {
  nested(facts)
  for (const fact of repositoryIn(facts).manifests) {
    if (fact.digest === digestOf('inner')) fact.observed = unseen('rate-limited')
  }
}

test('a platform that the index does not list is missing', () => {
  expect(faultsOf(check, nothing, wanted)).toEqual([finding])
})

test('all missing platforms share one cause', () => {
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

test('nested indexes are searched', () => {
  expect(faultsOf(check, nested, wanted)).toEqual([finding])
})

test('an empty index has no platform at all', () => {
  const change: Change = (facts) => {
    indexIn(facts).children = []
  }
  expect(faultsOf(check, change, { platforms: 'linux/amd64' })).toMatchObject([{ actual: 'no platform' }])
})

test('an artifact in the index does not count as an image of unknown platform', () => {
  expect(faultsOf(check, withArtifact, wanted)).toEqual([finding])
})

test('each target is reported separately', () => {
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
    'another notation of a platform is the same platform',
    nothing,
    { platforms: 'linux/aarch64,linux/arm64/v8' },
  ],
  ['a missing platform image was still pushed', withManifest('arm64', absent()), given],
  [
    'a platform image that was not observed is still listed',
    withManifest('arm64', unseen('rate-limited')),
    given,
  ],
  ['a single image has the platform of its configuration', single, { platforms: 'linux/amd64' }],
  ['a platform in a nested index is in the image', nested, given],
  [
    'an image whose configuration was not read may have any platform',
    all(single, (facts) => {
      delete blobIn(facts, 'amd64 config').config
    }),
    wanted,
  ],
  ['a nested index that was not observed may list any platform', unseenInside, wanted],
  [
    'an image without a platform in the index, and whose configuration was not read, may have any platform',
    (facts) => {
      delete manifestIn(facts, 'arm64').descriptor?.platform
      delete blobIn(facts, 'arm64 config').config
    },
    wanted,
  ],
  ['an image that is listed for two platforms is both', listedTwice, given],
  [
    'a chart has no platform',
    artifactOf(({ config }) => {
      config.mediaType = 'application/vnd.cncf.helm.config.v1+json'
    }),
    wanted,
  ],
  [
    'a signature of cosign has no platform, although its configuration is that of an image',
    artifactOf(({ layers }) => {
      for (const layer of layers) layer.mediaType = 'application/vnd.dev.cosign.simplesigning.v1+json'
    }),
    wanted,
  ],
  [
    'an index of blobs, such as a build cache, has no platform',
    (facts) => {
      indexIn(facts).children = [
        descriptorOf('amd64 layer', 'application/vnd.oci.image.layer.v1.tar+gzip'),
        descriptorOf('amd64 config', 'application/vnd.buildkit.cacheconfig.v0'),
      ]
    },
    wanted,
  ],
  [
    'an artifact has no platform',
    artifactOf((image) => {
      image.artifactType = 'application/vnd.example'
      image.config.mediaType = ociEmpty
    }),
    wanted,
  ],
  ['an index that was not observed lacks nothing', withManifest('index', unseen('rate-limited')), wanted],
  [
    'a tag that was not observed lacks nothing',
    (facts) => {
      targetIn(facts).first = unseen('rate-limited')
    },
    wanted,
  ],
  [
    'a missing tag is reported by another check',
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
