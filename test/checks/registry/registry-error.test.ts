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

const broken = unseen('registry-error', registry, 'it answered 500')

const everything: Change = (facts) => {
  const { manifests, blobs } = repositoryIn(facts)
  for (const object of [...manifests, ...blobs]) object.observed = broken
}

test('a registry that answers everything with 500 is one finding with all objects counted', () => {
  expect(faultsOf(check, everything)).toEqual([
    {
      subject: registry,
      severity: 'error',
      message: 'it answered 500: 14 objects not seen',
      evidence: [`${registry} said so`],
      cause: registry,
    },
  ])
  expect(check.group).toBe('registry')
})

test('a tag that answers 500 is the registry’s fault, because nothing is known below it', () => {
  const change: Change = (facts) => {
    targetIn(facts).first = broken
    Object.assign(repositoryIn(facts), { manifests: [], blobs: [] })
  }
  expect(faultsOf(check, change)).toMatchObject([{ message: `it answered 500: ${tagged} was not seen` }])
})

test('objects that are gone do not make a 500 beside them a damaged record', () => {
  const change: Change = (facts) => {
    const { manifests, blobs } = repositoryIn(facts)
    for (const object of [...manifests, ...blobs]) object.observed = absent()
    withBlob('amd64 layer', broken)(facts)
  }
  expect(faultsOf(check, change)).toMatchObject([
    { message: `it answered 500: ${repository}@${digestOf('amd64 layer')} was not seen` },
  ])
})

test('a repository that is served whole does not hide the 500 of another', () => {
  const change: Change = ({ image }) => {
    const [served] = image.repositories
    if (!served) return
    const object = { ...served.blobs[0], digest: digestOf('lost'), observed: broken }
    image.repositories.push({ ...served, name: `${repository}/tools`, manifests: [], blobs: [] })
    Object.assign(image.repositories[1] ?? {}, { blobs: [object] })
  }
  expect(faultsOf(check, change)).toMatchObject([
    { message: `it answered 500: ${repository}/tools@${digestOf('lost')} was not seen` },
  ])
})

test.each<Quiet>([
  ['a registry that serves everything has no errors', () => {}],
  ['a single blob with 500 is a damaged record, not a broken registry', withBlob('amd64 layer', broken)],
  [
    'some objects with 500 among others are damaged records, not a broken registry',
    all(withManifest('arm64', broken), withBlob('base layer', broken)),
  ],
])('%s', (_sentence, change) => {
  expect(faultsOf(check, change)).toEqual([])
})

test('another trouble is no internal error', () => {
  const telling = otherFailures('registry-error').filter(
    (kind) => faultsOf(check, withFailures(kind)).length > 0,
  )
  expect(telling).toEqual([])
})
