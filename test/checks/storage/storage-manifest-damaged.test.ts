import { expect, test } from 'vitest'
import aborts from '../../../src/checks/storage/gc-will-abort.ts'
import check from '../../../src/checks/storage/storage-manifest-damaged.ts'
import { explain } from '../../../src/explain/causes.ts'
import { faultsOfMade, type MadeChange, madeImage } from '../../support/storage/storage-facts.ts'

const { arm64, index } = madeImage

test.each<[string, MadeChange, string]>([
  [
    'truncated',
    (_, { sizes, hashed }) => {
      sizes.set(arm64.manifest.digest, 20)
      hashed.set(arm64.manifest.digest, 'corrupt')
    },
    `has 20 of ${arm64.manifest.bytes.length} bytes`,
  ],
  ['corrupt', (_, { hashed }) => hashed.set(arm64.manifest.digest, 'corrupt'), 'do not match its digest'],
])('a child that is %s is moved away before the push', (_, change, message) => {
  expect(faultsOfMade(check, change)).toMatchObject([
    {
      ...{ subject: `app@${arm64.manifest.digest}`, severity: 'error', platforms: ['linux/arm64'] },
      message: expect.stringContaining(message),
      commands: [expect.stringMatching(/^mv /), 'docker restart registry'],
    },
  ])
})

test('an index that is no valid manifest', () => {
  const faults = faultsOfMade(check, (_, { data }) => data.set(index.manifest.digest, Buffer.from('{}')))
  expect(faults).toMatchObject([
    {
      subject: `app@${index.manifest.digest}`,
      message: 'this manifest is no valid manifest: its schemaVersion is undefined',
    },
  ])
})

test('a manifest that is gone is another finding', () => {
  expect(faultsOfMade(check, (_, { data }) => data.delete(arm64.manifest.digest))).toEqual([])
})

test('the file is renamed by one finding, which tells that it stops the collection, too', () => {
  const change: MadeChange = (_, { data, hashed }) => {
    data.set(index.manifest.digest, Buffer.from('{'))
    hashed.set(index.manifest.digest, 'corrupt')
  }
  const results = [check, aborts].map(({ id, title, group }) => ({
    ...{ id, title, group, status: 'fail' as const, remedies: [] },
    findings: faultsOfMade(id === check.id ? check : aborts, change).map((fault) => ({
      ...{ id, group, evidence: [], advice: '', cause: '', title: '' },
      ...fault,
    })),
  }))
  expect(results.map(({ findings }) => findings.length)).toEqual([1, 1])
  const causes = explain(results, [check, aborts])
  expect(causes.map(({ id, findings }) => [id, findings.map((one) => one.id)])).toEqual([
    ['storage-manifest-damaged', ['storage-manifest-damaged', 'gc-will-abort']],
  ])
  const renames = causes.flatMap(({ commands = [] }) => commands.filter((one) => one.includes('mv ')))
  expect(renames).toHaveLength(1)
})

test('what no command renames stays a finding of the collection', () => {
  const [fault] = faultsOfMade(check, (_, { data, hashed }) => {
    data.set(index.manifest.digest, Buffer.from('{}'))
    hashed.set(index.manifest.digest, 'sound')
  })
  expect(fault?.commands?.filter((one) => one.includes('mv '))).toEqual([])
  expect(fault?.explains).not.toContainEqual(expect.stringMatching(/\/data$/))
})
