import { expect, test } from 'vitest'
import check from '../../../src/checks/registry/registry-error.ts'
import {
  absent,
  all,
  type Change,
  digestOf,
  faultsOf,
  otherFailures,
  type Quiet,
  registry,
  repository,
  repositoryIn,
  tagged,
  targetIn,
  unseen,
  withBlob,
  withFailures,
  withManifest,
} from '../../support/facts.ts'

const unnamed = unseen('registry-error', registry, 'HTTP 500')
/** The same with the error code of the registry itself. */
const broken = { ...unnamed, why: { ...unnamed.why, code: 'UNKNOWN' } }

const everything: Change = (facts) => {
  const { manifests, blobs } = repositoryIn(facts)
  for (const object of [...manifests, ...blobs]) object.observed = broken
}

test('a registry that answers every request with 500 is one finding with the number of objects', () => {
  expect(faultsOf(check, everything)).toEqual([
    {
      subject: registry,
      severity: 'error',
      message: 'HTTP 500: 14 objects not verified',
      evidence: [`${registry} said so`],
      cause: registry,
    },
  ])
  expect(check.group).toBe('registry')
})

test('a tag that answers 500 is a registry error, because nothing below it is known', () => {
  const change: Change = (facts) => {
    targetIn(facts).first = broken
    Object.assign(repositoryIn(facts), { manifests: [], blobs: [] })
  }
  expect(faultsOf(check, change)).toMatchObject([{ message: `HTTP 500: ${tagged} not verified` }])
})

test('a 500 is a registry error if all other objects are absent', () => {
  const change: Change = (facts) => {
    const { manifests, blobs } = repositoryIn(facts)
    for (const object of [...manifests, ...blobs]) object.observed = absent()
    withBlob('amd64 layer', broken)(facts)
  }
  expect(faultsOf(check, change)).toMatchObject([
    { message: `HTTP 500: ${repository}@${digestOf('amd64 layer')} not verified` },
  ])
})

test('a single 500 without an error code of the registry is an error of the registry or of its proxy', () => {
  expect(faultsOf(check, withBlob('amd64 layer', unnamed))).toMatchObject([
    { message: `HTTP 500: ${repository}@${digestOf('amd64 layer')} not verified` },
  ])
})

test('a repository that is served in full does not hide the 500 of another one', () => {
  const change: Change = ({ image }) => {
    const [served] = image.repositories
    if (!served) return
    const object = { ...served.blobs[0], digest: digestOf('lost'), observed: broken }
    image.repositories.push({ ...served, name: `${repository}/tools`, manifests: [], blobs: [] })
    Object.assign(image.repositories[1] ?? {}, { blobs: [object] })
  }
  expect(faultsOf(check, change)).toMatchObject([
    { message: `HTTP 500: ${repository}/tools@${digestOf('lost')} not verified` },
  ])
})

test.each<Quiet>([
  ['a healthy run has no finding', () => {}],
  ['a single blob with 500 is left to registry-metadata-corrupt', withBlob('amd64 layer', broken)],
  [
    'some objects with 500 among others are left to registry-metadata-corrupt',
    all(withManifest('arm64', broken), withBlob('base layer', broken)),
  ],
])('%s', (_sentence, change) => {
  expect(faultsOf(check, change)).toEqual([])
})

test('other failures are not reported', () => {
  const reported = otherFailures('registry-error').filter(
    (kind) => faultsOf(check, withFailures(kind)).length > 0,
  )
  expect(reported).toEqual([])
})

test('of a mirror its upstream may be the cause', () => {
  const change = withBlob('amd64 layer', unnamed)
  expect(faultsOf(check, change)[0]).not.toHaveProperty('because')
  expect(faultsOf(check, change, { mirror: 'true' })).toMatchObject([
    { because: expect.stringContaining('upstream'), advice: expect.stringContaining('upstream') },
  ])
})
