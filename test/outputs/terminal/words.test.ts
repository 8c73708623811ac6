import { describe, expect, test } from 'vitest'
import type { Proof } from '../../../src/facts/image.ts'
import { certificateEnds, manyLayersGone } from '../../report/changes.ts'
import { type Run, reportOf } from '../../report/reports.ts'
import {
  absent,
  all,
  type BlobName,
  blobIn,
  type Change,
  type Given,
  hostIn,
  indexIn,
  proven,
  quirky,
  repositoryIn,
  seen,
  unseen,
  withBlob,
  withManifest,
} from '../../support/facts.ts'
import { rendered } from '../rendered.ts'

const logOf = async (change?: Change, run?: Run, platform: 'plain' | 'forgejo' = 'plain') =>
  (await rendered(reportOf(change, run), platform)).log
/** The line of linux/amd64, without its indent. */
const amd64Of = async (change?: Change, run?: Run) =>
  /linux\/amd64\s+(.*)/.exec(await logOf(change, run))?.[1]

const layers: BlobName[] = ['base layer', 'amd64 layer', 'arm64 layer']
const each = (proof: Proof): Change => all(...layers.map((name) => withBlob(name, proven(proof))))

describe('what was proven of a platform is said, and nothing beyond it', () => {
  test.each<[string, Change, Given, string]>([
    ['last bytes', each('last-byte'), {}, 'every blob readable to its last byte'],
    ['small blobs', each('whole'), {}, 'every byte read and hashed'],
    ['all of it', each('whole'), { depth: 'full' }, 'every byte read and hashed'],
    ['a list', each('listed'), { depth: 'head' }, 'every blob listed (not read)'],
  ])('%s', async (_what, change, given, words) => {
    expect(await amd64Of(change, { given })).toBe(`✓ 4 objects, 30.0 MiB, ${words}`)
  })

  test('of a blob that was only opened', async () => {
    const others = all(withBlob('base layer', proven('opened')), withBlob('amd64 layer', proven('whole')))
    expect(await amd64Of(others)).toContain('1 blob opened, end not proven, the others read whole')
    expect(await amd64Of(withBlob('base layer', proven('opened')))).not.toContain('the others read whole')
  })

  test('of a foreign layer that nobody read', async () => {
    const foreign: Change = (facts) => {
      const blob = blobIn(facts, 'base layer')
      blob.descriptor = { ...blob.descriptor, urls: ['https://elsewhere.example.com/layer'] }
      blob.observed = absent()
    }
    expect(await amd64Of(foreign)).not.toMatch(/every (blob|byte)/)
    expect(await amd64Of(all(each('whole'), foreign), { given: { depth: 'full' } })).not.toContain(
      'every byte',
    )
  })
})

describe('one of a thing is told as one', () => {
  test('day', async () => {
    expect(await logOf(certificateEnds(1))).toContain('TLS ok, 1 day,')
  })

  test('note, in a log that folds', async () => {
    const repeated: Change = (facts) => {
      hostIn(facts).retries = ['503']
    }
    expect(await logOf(repeated, {}, 'forgejo')).toContain('::group::1 note\n')
  })
})

test('a note says what it says once', async () => {
  const log = await logOf(quirky('head-unsupported', 4))
  expect(log.split('HEAD; GET was used instead')).toHaveLength(2)
})

describe('of much of the same only so much is told', () => {
  test('findings of a cause', async () => {
    const log = await logOf(manyLayersGone(187))
    expect(log.match(/^ {10}registry\.example\.com\/team\/app@/gm)).toHaveLength(4)
    expect(log).toContain('and 183 more of the same')
    expect(log).toContain('FAILED    1 cause, 187 findings')
  })

  test('faults of a platform', async () => {
    const log = await logOf(manyLayersGone(5))
    expect(log.match(/blob sha256:[0-9a-f]{8}… layers/g)).toHaveLength(3)
    expect(log).toContain('and 2 other faults')
  })
})

describe('the last line is the verdict', () => {
  test.each<[Change, Run, RegExp]>([
    [() => {}, {}, /^PASSED {4}1 image, 2 platforms .* 14 objects, 0\.4 s · exit 0$/],
    [withManifest('arm64', absent()), {}, /^FAILED {4}1 cause, 1 finding · image ✗ .* exit 1$/],
    [withBlob('base layer', unseen('rate-limited')), {}, /^NOT CHECKED .* 13 of 14 objects seen, .* exit 3$/],
    [() => {}, { stopped: { why: 'SIGINT came', exitCode: 130 } }, /^STOPPED {4}SIGINT came .* exit 130$/],
    [() => {}, { given: { checks: 'image' } }, /^PASSED {4}1 image, 2 platforms · image ✓ · 14 objects/],
  ])('%#', async (change, run, line) => {
    for (const platform of ['plain', 'forgejo'] as const) {
      expect((await logOf(change, run, platform)).trimEnd().split('\n').at(-1)).toMatch(line)
    }
  })
})

test('several images are counted in the first line, and each has its own', async () => {
  const log = await logOf((facts) => {
    const [target] = structuredClone(facts.image.targets)
    if (target)
      facts.image.targets.push({ ...target, target: { reference: { ...target.target.reference, tag: 'x' } } })
  })
  expect(log.split('\n')[0]).toBe('regguard 0.0.0-test · 2 images')
  expect(log.match(/^✓ image {3}registry\.example\.com\/team\/app:(1\.2|x) /gm)).toHaveLength(2)
})

test('what refers to an image is counted', async () => {
  const log = await logOf((facts) => {
    repositoryIn(facts).referrers = seen({ count: 3, api: 'referrers' as const })
  })
  expect(log).toContain('and 2 attestations, 3 referrers')
})

test('a platform with a long name does not push the others aside', async () => {
  const log = await logOf((facts) => {
    const [first] = indexIn(facts).children
    if (first) first.platform = { os: 'linux', architecture: 'x'.repeat(5000) }
  })
  expect(Math.max(...log.split('\n').map((line) => line.length))).toBeLessThan(700)
})
