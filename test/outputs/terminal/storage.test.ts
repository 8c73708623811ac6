import { describe, expect, test } from 'vitest'
import type { HashesFact } from '../../../src/facts/storage/hashes.ts'
import { multiPlatform } from '../../../src/fake-registry/images/images.ts'
import type { Report } from '../../../src/report/schema.ts'
import { reportOf } from '../../report/reports.ts'
import type { Given } from '../../support/facts.ts'
import { judge, type MadeStorage, madeStorage, pushTo } from '../../support/storage/made-storage.ts'
import { healthyStorage, withHashes } from '../../support/storage/storage-facts.ts'
import { rendered } from '../rendered.ts'

/** The report of a scan of a storage made by hand. */
const scanned = (change: (storage: MadeStorage) => void, given: Given = {}): Report =>
  reportOf(
    (facts) => {
      const made = madeStorage()
      change(made)
      Object.assign(facts, { storage: { ...healthyStorage(), judged: judge(made) } })
      facts.image.targets = []
      facts.image.repositories = []
    },
    { given: { mode: 'scan', storage: '/var/lib/registry', checks: 'storage', ...given } },
  )

const log = async (report: Report) => (await rendered(report, 'plain')).log

/** So many indexes, each without the link of one platform. */
const orphans = (number: number) => (storage: MadeStorage) => {
  for (let at = 0; at < number; at += 1) {
    const { contents, images } = multiPlatform({ seed: `orphan ${at}` })
    pushTo(storage, `app-${at}`, contents, '1')
    storage.repositories.get(`app-${at}`)?.revisions.delete(images[0]?.manifest.digest ?? '')
  }
}

describe('no command is lost', () => {
  test.each([1, 5, 6, 12])('of %i broken images', (number) => {
    const { causes, storage } = scanned(orphans(number))
    const planned = storage?.repair?.steps.flatMap(({ command }) => command ?? []) ?? []
    expect(planned).toHaveLength(number)
    const all = causes.flatMap(({ commands = [], also = [] }) => [
      ...commands,
      ...also.flatMap((one) => one.commands ?? []),
    ])
    expect(all.toSorted()).toEqual(planned.toSorted())
    for (const cause of causes) {
      const ofFindings = cause.findings.flatMap((one) => one.commands ?? cause.commands ?? [])
      expect(new Set(ofFindings)).toEqual(new Set(cause.commands))
    }
  })

  test('and the log says how many more there are', async () => {
    const text = await log(scanned(orphans(12)))
    expect(text.match(/curl -fsS -X PUT/g)).toHaveLength(4)
    expect(text).toContain('and 8 more commands, in the JSON report (report_json)')
  })
})

test('a note that advises something has its command below it', async () => {
  const stray = (storage: MadeStorage) => {
    orphans(1)(storage)
    storage.strays.push({ path: 'blobs/.a', kind: 'other' }, { path: 'blobs/.b', kind: 'other' })
  }
  const text = await log(scanned(stray))
  expect(text).toMatch(/^i blobs\/\.a: the registry does not read it \(and 1 more of the same\)\./m)
  for (const line of text.split('\n').entries())
    if (line[1].endsWith(':')) expect(text.split('\n')[line[0] + 1]).toMatch(/^ {10}\S/)
})

describe('what is said where findings fail nothing', () => {
  test.each(['never', 'error'] as const)('with fail_on: %s', async (failOn) => {
    const text = await log(scanned(orphans(1), { fail_on: failOn }))
    expect(text).toMatch(failOn === 'never' ? /^PASSED {4}1 cause, 1 finding · /m : /^FAILED {4}1 cause/m)
    expect(text).not.toContain('no problems found')
  })

  test('nothing was found', async () => {
    const whole = (storage: MadeStorage) =>
      pushTo(storage, 'app', multiPlatform({ seed: 'whole' }).contents, '1')
    expect(await log(scanned(whole))).toMatch(/^PASSED {4}no problems found · /m)
  })
})

describe('files with holes', () => {
  const withHoles = (change: Partial<HashesFact>) => {
    const first = ['a', 'b', 'c', 'd'].map((one) => `sha256:${one.repeat(64)}`)
    return reportOf(
      (facts) => {
        const storage = healthyStorage()
        withHashes({ sparse: { count: 5, first }, ...change })(storage)
        Object.assign(facts, { storage })
        facts.image.targets = []
        facts.image.repositories = []
      },
      { given: { mode: 'scan', storage: '/var/lib/registry', checks: 'storage' } },
    )
  }

  test('are named, with what shows whether they are damaged', async () => {
    const report = withHoles({ isFull: false })
    expect(await log(report)).toContain(
      '5 data files with holes: sha256:aaaaaaaa\u2026, sha256:bbbbbbbb\u2026, sha256:cccccccc\u2026 and 2 more; \u201chash: true\u201d shows',
    )
    expect(report.storage?.hashes?.sparse).toMatchObject({ count: 5, first: { length: 4 } })
  })

  test('need no other look where all was hashed, and no line where there are none', async () => {
    expect(await log(withHoles({ isFull: true }))).toMatch(/5 data files with holes: .* and 2 more$/m)
    const none = withHoles({ sparse: { count: 0, first: [] } })
    expect(await log(none)).not.toContain('holes')
    expect(none.storage?.hashes).not.toHaveProperty('sparse')
  })
})
