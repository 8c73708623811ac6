import { expect, test } from 'vitest'
import type { RepositoryFact } from '../../../../src/facts/image.ts'
import {
  blobOf,
  blobsIn,
  configOf,
  descriptorPlatform,
  documentOf,
  fieldsOf,
  manifestOf,
  manifestsIn,
  noPlatform,
  objectOf,
  platformNames,
  platformsOf,
  severityOf,
} from '../../../../src/facts/queries/image/graph.ts'
import { imagesBelow } from '../../../../src/facts/queries/image/members.ts'
import { ociIndex } from '../../../../src/oci/media-types.ts'
import {
  absent,
  alsoManifest,
  attestationOf,
  blobIn,
  type Change,
  childOf,
  descriptorOf,
  digestOf,
  healthyFacts,
  imageOf,
  indexIn,
  indexOf,
  manifestIn,
  repository,
  repositoryIn,
  repositoryOf,
  unseen,
} from '../../../support/facts.ts'

const indexDescriptor = (name: string) => descriptorOf(name, ociIndex)

/** Three nested indexes, with a layer shared by images at two depths. */
const nested = (): RepositoryFact =>
  repositoryOf([
    [
      digestOf('outer'),
      indexOf(indexDescriptor('middle'), childOf('arm64', 'arm64'), attestationOf('arm64')),
    ],
    [digestOf('middle'), indexOf(indexDescriptor('inner'), childOf('s390x', 's390x'))],
    [digestOf('inner'), indexOf(childOf('amd64', 'amd64'))],
    [digestOf('amd64'), imageOf('amd64 config', 'common layer', 'amd64 layer')],
    [digestOf('arm64'), imageOf('arm64 config', 'common layer')],
    [digestOf('s390x'), imageOf('s390x config', 's390x layer')],
    [digestOf('arm64 attestation'), imageOf('attestation config', 'provenance')],
  ])

/** Two indexes that list each other, which is possible only with digests of an unknown algorithm. */
function cycle(): RepositoryFact {
  const [first, second] = ['blake3:first', 'blake3:second'] as const
  const to = (digest: string) => ({ ...indexDescriptor('cycle'), digest })
  return repositoryOf([
    [first, indexOf(to(second), descriptorOf('plain'))],
    [second, indexOf(to(first), to(second))],
    [digestOf('plain'), imageOf('plain config', 'plain layer')],
  ])
}

function found<T>(value: T | undefined): T {
  expect(value).toBeDefined()
  if (value === undefined) throw new Error('not found')
  return value
}

const manifest = (facts: RepositoryFact, name: string) => found(manifestOf(facts, digestOf(name)))
const platforms = (facts: RepositoryFact, name: string) =>
  platformsOf(facts, found(manifestOf(facts, digestOf(name)) ?? blobOf(facts, digestOf(name))))
const below = (facts: RepositoryFact, digest: string) =>
  imagesBelow(facts, found(manifestOf(facts, digest))).map((image) => image.digest)

test.each([
  ['a descriptor without a platform has none', undefined, undefined],
  ['an attestation’s unknown platform is none', { os: 'unknown', architecture: 'unknown' }, undefined],
  ['a platform without an operating system is none', { os: '', architecture: 'amd64' }, undefined],
  [
    'a platform is normalised as containerd compares it',
    { os: 'linux', architecture: 'aarch64', variant: 'v8' },
    { os: 'linux', architecture: 'arm64', variant: '', osVersion: '' },
  ],
  [
    'a version of Windows is kept',
    { os: 'windows', architecture: 'amd64', 'os.version': '10.0.1' },
    { os: 'windows', architecture: 'amd64', variant: '', osVersion: '10.0.1' },
  ],
])('%s', (_sentence, platform, expected) => {
  expect(descriptorPlatform({ ...descriptorOf('child'), platform })).toEqual(expected)
})

test('without a descriptor there is no platform', () => {
  expect(descriptorPlatform(undefined)).toBeUndefined()
  expect(noPlatform).toBe('no platform')
})

test('an image has a configuration, an index has none', () => {
  const facts = healthyFacts()
  const fact = repositoryIn(facts)
  expect(configOf(fact, manifestIn(facts, 'amd64'))).toBe(blobIn(facts, 'amd64 config'))
  expect(configOf(fact, manifestIn(facts, 'index'))).toBeUndefined()
})

test.each([
  ['a missing manifest has no document', absent()],
  ['a manifest that was not observed has no document', unseen('rate-limited')],
])('%s', (_sentence, observed) => {
  const facts = healthyFacts()
  const amd64 = manifestIn(facts, 'amd64')
  expect(documentOf(amd64)).toMatchObject({ kind: 'image' })
  amd64.observed = observed
  expect(documentOf(amd64)).toBeUndefined()
  expect(configOf(repositoryIn(facts), amd64)).toBeUndefined()
})

test('manifests and blobs are found by digest, separately', () => {
  const facts = healthyFacts()
  const fact = repositoryIn(facts)
  expect(manifestOf(fact, digestOf('arm64'))).toBe(manifestIn(facts, 'arm64'))
  expect(blobOf(fact, digestOf('base layer'))).toBe(blobIn(facts, 'base layer'))
  expect(manifestOf(fact, digestOf('base layer'))).toBeUndefined()
  expect(blobOf(fact, digestOf('arm64'))).toBeUndefined()
})

const forget: Change = (facts) => {
  delete manifestIn(facts, 'arm64').descriptor?.platform
}

const twice: Change = (facts) => {
  indexIn(facts).children.push(childOf('arm64', 'riscv64'))
}

test.each<[string, Change, string[]]>([
  [
    'the platform of an image comes from the index',
    (facts) => {
      const { descriptor } = manifestIn(facts, 'arm64')
      if (descriptor) descriptor.platform = { os: 'linux', architecture: 's390x' }
    },
    ['linux/s390x'],
  ],
  ['without an index it comes from the configuration', forget, ['linux/arm64']],
  ['an image that an index lists for two platforms has both', twice, ['linux/arm64', 'linux/riscv64']],
  [
    'without a configuration it is unknown',
    (facts) => {
      forget(facts)
      delete blobIn(facts, 'arm64 config').config
    },
    [],
  ],
  [
    'with a configuration that cannot be parsed it is unknown',
    (facts) => {
      forget(facts)
      blobIn(facts, 'arm64 config').config = { ok: false, problem: 'not valid JSON' }
    },
    [],
  ],
])('%s', (_sentence, change, names) => {
  const facts = healthyFacts()
  change(facts)
  expect(platformNames(repositoryIn(facts), manifestIn(facts, 'arm64'))).toEqual(names)
})

test('a layer belongs to every platform that uses it', () => {
  const fact = repositoryIn(healthyFacts())
  expect(platforms(fact, 'base layer')).toEqual(['linux/amd64', 'linux/arm64'])
  expect(platforms(fact, 'amd64 layer')).toEqual(['linux/amd64'])
  expect(platforms(fact, 'arm64 config')).toEqual(['linux/arm64'])
})

test('an index belongs to no platform, its children to theirs', () => {
  const fact = repositoryIn(healthyFacts())
  expect(platforms(fact, 'index')).toEqual([])
  expect(platforms(fact, 'arm64')).toEqual(['linux/arm64'])
})

test('attestations and referrers belong to no platform', () => {
  const facts = healthyFacts()
  alsoManifest('sbom', 'referrer', 'referrers[0]', absent())(facts)
  const fact = repositoryIn(facts)
  expect(platforms(fact, 'amd64 attestation')).toEqual(['attestation'])
  expect(platforms(fact, 'amd64 provenance')).toEqual(['attestation'])
  expect(platforms(fact, 'sbom')).toEqual(['referrer'])
})

test('the layers of a single image belong to the platform of its configuration', () => {
  const fact = repositoryOf([[digestOf('only'), imageOf('only config', 'only layer')]])
  expect(platforms(fact, 'only layer')).toEqual([])
  const fresh = repositoryOf([[digestOf('only'), imageOf('only config', 'only layer')]])
  const platform = { os: 'linux', architecture: 'arm', variant: 'v7', osVersion: '' }
  found(blobOf(fresh, digestOf('only config'))).config = { ok: true, value: { platform, diffIds: [] } }
  expect(platforms(fresh, 'only')).toEqual(['linux/arm/v7'])
  expect(platforms(fresh, 'only layer')).toEqual(['linux/arm/v7'])
})

test('a layer belongs to its platforms through nested indexes', () => {
  const fact = nested()
  expect(platforms(fact, 'common layer')).toEqual(['linux/amd64', 'linux/arm64'])
  expect(platforms(fact, 's390x layer')).toEqual(['linux/s390x'])
  expect(platforms(fact, 'middle')).toEqual([])
})

test('an image without a platform has that of its index', () => {
  const inner = { ...indexDescriptor('inner'), platform: { os: 'linux', architecture: 'riscv64' } }
  const fact = repositoryOf([
    [digestOf('outer'), indexOf(inner)],
    [digestOf('inner'), indexOf(descriptorOf('plain'))],
    [digestOf('plain'), imageOf('plain config', 'plain layer')],
  ])
  expect(platforms(fact, 'plain layer')).toEqual(['linux/riscv64'])
})

test('the platforms below a cycle are found', () => {
  const fact = cycle()
  expect(platforms(fact, 'plain layer')).toEqual([])
  expect(platformsOf(fact, found(manifestOf(fact, 'blake3:second')))).toEqual([])
})

test('the platforms of a member of a cycle come from any descriptor that has one', () => {
  const fact = cycle()
  const platform = { os: 'linux', architecture: 'amd64' }
  found(manifestOf(fact, 'blake3:second')).descriptor = { ...indexDescriptor('cycle'), platform }
  expect(platforms(fact, 'plain layer')).toEqual(['linux/amd64'])
})

test('the images below an index are its platform images, in its order', () => {
  expect(below(repositoryIn(healthyFacts()), digestOf('index'))).toEqual(['amd64', 'arm64'].map(digestOf))
})

test('images that are missing or were not observed are still below their index', () => {
  const facts = healthyFacts()
  manifestIn(facts, 'amd64').observed = absent()
  manifestIn(facts, 'arm64').observed = unseen('rate-limited')
  expect(below(repositoryIn(facts), digestOf('index'))).toEqual(['amd64', 'arm64'].map(digestOf))
})

test('images below nested indexes keep the position of their index', () => {
  const fact = nested()
  expect(below(fact, digestOf('outer'))).toEqual(['amd64', 's390x', 'arm64'].map(digestOf))
  expect(below(fact, digestOf('middle'))).toEqual(['amd64', 's390x'].map(digestOf))
})

test('an image is below itself, an attestation is not', () => {
  const fact = nested()
  expect(below(fact, digestOf('amd64'))).toEqual([digestOf('amd64')])
  expect(below(fact, digestOf('arm64 attestation'))).toEqual([])
})

test('a child that the walk did not reach is not below its index', () => {
  const fact = repositoryOf([
    [digestOf('index'), indexOf(childOf('amd64', 'amd64'), childOf('beyond', 'arm64'))],
    [digestOf('amd64'), imageOf('amd64 config')],
  ])
  expect(below(fact, digestOf('index'))).toEqual([digestOf('amd64')])
})

test('the images below a cycle are found', () => {
  const fact = cycle()
  expect(new Set(below(fact, 'blake3:first'))).toEqual(new Set([digestOf('plain')]))
  expect(new Set(below(fact, 'blake3:second'))).toEqual(new Set([digestOf('plain')]))
})

test('only the loss of what a runtime pulls is an error', () => {
  const severities = (['image', 'attestation', 'referrer', 'subject'] as const).map(severityOf)
  expect(severities).toEqual(['error', 'warning', 'warning', 'warning'])
})

test('manifests and blobs of all repositories are listed with their repository', () => {
  const { image } = healthyFacts()
  image.repositories.push({ ...nested(), name: `${repository}/tools` })
  const counted = (found: Iterable<{ repository: RepositoryFact }>) =>
    [...Map.groupBy(found, ({ repository: { name } }) => name)].map(([name, all]) => [name, all.length])
  expect(counted(manifestsIn(image))).toEqual([
    [repository, 5],
    [`${repository}/tools`, 7],
  ])
  expect(counted(blobsIn(image))).toEqual([
    [repository, 9],
    [`${repository}/tools`, 8],
  ])
})

test('the fields that list a blob are named once each, at most four', () => {
  const blob = blobIn(healthyFacts(), 'base layer')
  expect(fieldsOf(blob)).toBe('layers[0]')
  blob.uses = ['config', 'layers[1]', 'config', 'layers[2]', 'layers[3]', 'layers[4]'].map((field) => ({
    parent: digestOf('amd64'),
    field,
  }))
  expect(fieldsOf(blob)).toBe('config, layers[1], layers[2], layers[3]')
})

test('a finding identifies its object, or the repository if there is no digest', () => {
  const facts = healthyFacts()
  const fact = repositoryIn(facts)
  expect(objectOf(fact, blobIn(facts, 'amd64 layer'))).toEqual({
    subject: `${repository}@${digestOf('amd64 layer')}`,
    repository,
    digest: digestOf('amd64 layer'),
    platforms: ['linux/amd64'],
  })
  const unnamed = { ...manifest(fact, 'index'), digest: '' }
  expect(objectOf(fact, unnamed)).toMatchObject({ subject: repository, digest: '' })
})
