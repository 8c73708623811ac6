import { describe, expect, test } from 'vitest'
import check from '../../../src/checks/storage/gc-will-abort.ts'
import {
  collections,
  faultsOfForecast,
  type MadeInventory,
  madeIndex,
} from '../../support/storage/forecast-inventory.ts'

const layout = '/var/lib/registry/docker/registry/v2'
const abortsOf = (change: (made: MadeInventory) => void, known: Parameters<typeof faultsOfForecast>[2]) => {
  const made = madeIndex()
  change(made)
  return faultsOfForecast(check, made, known)
}

test('an empty link stops every collection, and can be written from its path', () => {
  const [fault, ...others] = abortsOf(({ inventory }) => {
    const [link] = inventory.repositories[0]?.revisions ?? []
    if (link) link.content = { state: 'empty' }
  }, collections.plain)
  expect(others).toEqual([])
  expect(fault).toMatchObject({
    ...{ severity: 'warning', cause: 'link' },
    message:
      'it is empty: garbage-collect of registry 2.8 and 3 stops there, before it deletes anything, each time; the disk fills',
    commands: [expect.stringMatching(/^printf %s (sha256:\w{64}) > .*\/revisions\/sha256\/\w{64}\/link$/)],
  })
})

test('a repository without _layers stops registry 3 alone', () => {
  expect(
    abortsOf(({ inventory }) => {
      for (const repository of inventory.repositories) repository.hasLayers = false
    }, collections.plain),
  ).toMatchObject([
    {
      message: expect.stringContaining('garbage-collect of registry 3 stops there'),
      commands: [`mkdir ${layout}/repositories/infra/ci/_layers`],
    },
  ])
})

test('a file among the tags is a note where nobody said that --delete-untagged is given', () => {
  expect(
    abortsOf(({ inventory }) => inventory.repositories[0]?.tagFiles.push('.DS_Store'), {}),
  ).toMatchObject([
    {
      severity: 'note',
      subject: `${layout}/repositories/infra/ci/_manifests/tags/.DS_Store`,
      commands: [
        `mkdir -p ${layout}.aside/repositories/infra/ci/_manifests/tags && mv ${layout}/repositories/infra/ci/_manifests/tags/.DS_Store ${layout}.aside/repositories/infra/ci/_manifests/tags/.DS_Store`,
      ],
    },
  ])
})

test('all places are named, not the first alone', () => {
  const faults = abortsOf(
    ({ inventory }) => {
      inventory.strays.push(
        { path: 'blobs/copy/data', kind: 'data-path' },
        { path: 'blobs/old/data', kind: 'data-path' },
      )
    },
    { ...collections.plain, version: '3' },
  )
  expect(faults.map(({ subject }) => subject)).toEqual([
    `${layout}/blobs/copy/data`,
    `${layout}/blobs/old/data`,
  ])
  // Each has a finding, so that nothing has to count the others.
  expect(faults.flatMap(({ evidence }) => evidence)).toEqual([])
})

test('nothing stops the collection of a healthy storage', () => {
  expect(abortsOf(() => {}, {})).toEqual([])
})

describe('what to do says no more than its command does', () => {
  const kinds: ((made: MadeInventory) => void)[] = [
    ({ inventory }) => {
      const [link] = inventory.repositories[0]?.revisions ?? []
      if (link) link.content = { state: 'empty' }
    },
    ({ inventory, blob }) =>
      inventory.repositories[0]?.revisions.push({
        path: blob('gone', 'absent'),
        content: { state: 'malformed', text: 'x' },
      }),
    ({ inventory }) =>
      inventory.repositories[0]?.revisions.push({ path: undefined, content: { state: 'empty' } }),
    ({ inventory }) => {
      for (const repository of inventory.repositories) repository.hasLayers = false
    },
    ({ inventory }) => inventory.repositories[0]?.tagFiles.push('it is'),
    ({ inventory }) => inventory.strays.push({ path: 'blobs/it is/data', kind: 'data-path' }),
    ({ inventory }) => {
      for (const repository of inventory.repositories) repository.name = 'Not A Name'
    },
    ({ inventory }) => {
      const [link] = inventory.repositories[0]?.revisions ?? []
      const { tags = [], revisions = [] } = inventory.repositories[0] ?? {}
      tags.length = 0
      if (link) revisions.push(link)
    },
  ]

  test.each(['filesystem', 's3'] as const)('in a storage of %s', (driver) => {
    const faults = kinds.flatMap((change) =>
      [collections.plain, collections.old, collections.recent].flatMap((known) => {
        const made = madeIndex('infra/ci', driver)
        change(made)
        return faultsOfForecast(check, made, known)
      }),
    )
    expect(new Set(faults.map(({ cause }) => cause)).size).toBeGreaterThan(driver === 's3' ? 3 : 5)
    for (const { advice, commands = [] } of faults) {
      expect(advice).toMatch(commands.length > 0 ? /:$/ : /\.$/)
      for (const command of commands) {
        expect(command).toMatch(driver === 's3' ? /aws s3 (?:mv|cp) / : /^(?:mv|mkdir|printf|find) /)
        // A folder of links is never moved as a whole.
        expect(command).not.toMatch(/^mv \S+\/revisions /)
      }
    }
  })
})

test('an untagged manifest without a folder of its own stops registry 2.8, which cannot delete it', () => {
  const change = (empty: boolean) => (made: MadeInventory) => {
    const [repository] = made.inventory.repositories
    const spare = made.image('spare')
    if (!repository) throw new Error('no repository')
    const other = made.inventory.digests.add(`sha512:${'0'.repeat(128)}`)
    repository.revisions.push({ path: other, content: { state: 'digest', target: spare } })
    repository.layers.equal = Int32Array.from([...repository.layers.equal, spare])
    if (empty) repository.emptyRevisions.push(spare)
  }
  expect(abortsOf(change(false), collections.old)).toMatchObject([
    { cause: 'no-revision', commands: [expect.stringMatching(/^mkdir -p .*\/revisions\/sha256\/\w{64}$/)] },
  ])
  expect(abortsOf(change(true), collections.old)).toEqual([])
  expect(abortsOf(change(false), collections.recent)).toEqual([])
})
