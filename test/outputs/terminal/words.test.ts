import { describe, expect, test } from 'vitest'
import { checks } from '../../../src/checks/index.ts'
import type { Proof } from '../../../src/core/proof.ts'
import { renderSummary } from '../../../src/outputs/markdown.ts'
import { certificateEnds, manyLayersGone } from '../../report/changes.ts'
import { type Run, reportOf } from '../../report/reports.ts'
import {
  absent,
  all,
  type BlobName,
  blobIn,
  type Change,
  diffIdOf,
  type Given,
  hostIn,
  indexIn,
  proven,
  quirky,
  refused,
  repository,
  repositoryIn,
  seen,
  tagged,
  targetIn,
  unseen,
  withBlob,
  withManifest,
} from '../../support/facts.ts'
import { rendered } from '../rendered.ts'

const logOf = async (change?: Change, run?: Run, platform: 'plain' | 'forgejo' = 'plain') =>
  (await rendered(reportOf(change, run), platform)).log
/** The line of the image, after its digest. */
const imageOf = async (change?: Change, run?: Run) =>
  /^. image .* index sha256:[0-9a-f]{8}… · (.*)/m.exec(await logOf(change, run))?.[1]
/** The line of linux/amd64 where the image has a fault, without its indent. */
const amd64Of = async (change?: Change, run?: Run) =>
  /linux\/amd64\s+(.*)/.exec(
    await logOf(all(withManifest('arm64', absent()), change ?? (() => {})), run),
  )?.[1]

const layers: BlobName[] = ['base layer', 'amd64 layer', 'arm64 layer']
const each = (proof: Proof): Change => all(...layers.map((name) => withBlob(name, proven(proof))))

const unpacked: Change = (facts) => {
  for (const name of layers) blobIn(facts, name).diffId = { ok: true, value: diffIdOf(name) }
}

const sampled = (name: BlobName, sample: 'read' | 'over-budget'): Change =>
  all(withBlob(name, proven(sample === 'read' ? 'whole' : 'last-byte')), (facts) => {
    blobIn(facts, name).sample = sample
  })

const provenance = (proof: Proof): Change =>
  all(...(['amd64 provenance', 'arm64 provenance'] as const).map((name) => withBlob(name, proven(proof))))

const whole = all(each('whole'), provenance('whole'))

describe('what was proven is said, and nothing beyond it', () => {
  const proofs: [string, Change, Given, string][] = [
    ['last bytes', each('last-byte'), {}, 'last byte of every blob served, contents not read'],
    [
      'the largest layer',
      all(each('last-byte'), sampled('base layer', 'read')),
      {},
      'last byte of every blob served, largest layer read and hashed',
    ],
    [
      'a layer that is too large',
      all(each('last-byte'), sampled('base layer', 'over-budget')),
      {},
      'last byte of every blob served, contents not read: the largest layer exceeds probe_budget',
    ],
    ['small blobs', whole, {}, 'every byte read and hashed, layers not unpacked'],
    [
      'all of it',
      all(whole, unpacked),
      { depth: 'full' },
      'every byte read and hashed, every layer unpacked and matched',
    ],
    ['a list', each('listed'), { depth: 'head' }, 'every blob listed, contents not read'],
  ]
  test.each(proofs)('of an image: %s', async (_what, change, given, words) => {
    const expected = `linux/amd64, linux/arm64, 2 attestations · 14 objects, 30.0 MiB · ${words}`
    expect(await imageOf(change, { given })).toBe(expected)
  })

  test.each(proofs)('of a platform: %s', async (_what, change, given, words) => {
    expect(await amd64Of(change, { given })).toBe(`✓ 4 objects, 30.0 MiB, ${words}`)
  })

  test.each(proofs)('of all images, in the verdict: %s', async (_what, change, given, words) => {
    expect(await logOf(change, { given })).toContain(`PASSED    1 image, 2 platforms, ${words} · image ✓`)
  })

  test.each(proofs)('in the step summary: %s', (_what, change, given, words) => {
    expect(renderSummary(reportOf(change, { given })).rows[0]?.at(-1)).toBe(words)
  })

  test('of several layers that were read as a sample', async () => {
    const change = all(sampled('base layer', 'read'), sampled('amd64 layer', 'read'))
    expect(await imageOf(change)).toContain(
      'last byte of every blob served, 2 largest layers read and hashed',
    )
  })

  test('of layers that exceed the limits for unpacking', async () => {
    const some: Change = (facts) => {
      blobIn(facts, 'amd64 layer').diffId = { ok: false, kind: 'limit', problem: 'too large' }
    }
    const text = await amd64Of(all(whole, unpacked, some), { given: { depth: 'full' } })
    expect(text).toContain('every byte read and hashed, 1 of 2 layers unpacked and matched')
  })

  test('of a blob that was only opened', async () => {
    const others = all(withBlob('base layer', proven('opened')), withBlob('amd64 layer', proven('whole')))
    expect(await amd64Of(others)).toContain(
      '1 blob opened, end not proven, the others: read and hashed, layers not unpacked',
    )
    expect(await amd64Of(withBlob('base layer', proven('opened')))).toContain('the others: last byte served')
  })

  test('of a foreign layer that nobody read', async () => {
    const foreign: Change = (facts) => {
      const blob = blobIn(facts, 'base layer')
      blob.descriptor = {
        ...blob.descriptor,
        mediaType: 'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip',
        urls: ['https://elsewhere.example.com/layer'],
      }
      blob.observed = absent()
    }
    expect(await amd64Of(foreign)).not.toMatch(/every (blob|byte)/)
    expect(await amd64Of(all(each('whole'), foreign), { given: { depth: 'full' } })).not.toContain(
      'every byte',
    )
    expect(await imageOf(foreign)).toContain('hosted elsewhere, not read')
  })
})

describe('one of a thing is told as one', () => {
  test('day', async () => {
    expect(await logOf(certificateEnds(1))).toContain('TLS ok, 1 day,')
  })

  test('note, in a log that folds', async () => {
    const repeated: Change = (facts) => {
      hostIn(facts).retries = [{ kind: 'registry-unavailable', detail: '503' }]
    }
    expect(await logOf(repeated, {}, 'forgejo')).toContain('::group::1 note\n')
  })
})

test('a note says what it says once', async () => {
  const log = await logOf(quirky('head-unsupported', 4))
  expect(log.split('the registry rejects it; GET was used instead')).toHaveLength(2)
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
    [() => {}, {}, /^PASSED {4}1 image, 2 platforms, last byte .* 14 objects, 0\.4 s · exit 0$/],
    [withManifest('arm64', absent()), {}, /^FAILED {4}1 cause, 1 finding · image ✗ .* exit 1$/],
    [
      withManifest('arm64 attestation', absent()),
      {},
      /^PASSED {4}1 image, 2 platforms, last byte .* not read, 1 cause, 1 finding · image ! .* exit 0$/,
    ],
    [
      withManifest('arm64', absent()),
      { given: { fail_on: 'never' } },
      /^PASSED {4}1 cause, 1 finding · image ✗ .* exit 0$/,
    ],
    [
      withBlob('base layer', unseen('rate-limited')),
      {},
      /^NOT CHECKED .* 13 of 14 objects inspected, .* exit 3$/,
    ],
    [
      () => {},
      { stopped: { why: 'stopped by SIGINT', exitCode: 130 } },
      /^STOPPED {4}stopped by SIGINT .* exit 130$/,
    ],
    [
      () => {},
      { given: { checks: 'image' } },
      /^PASSED {4}1 image, 2 platforms, last byte .* not read · image ✓ · 14 objects/,
    ],
  ])('%#', async (change, run, line) => {
    for (const platform of ['plain', 'forgejo'] as const) {
      expect((await logOf(change, run, platform)).trimEnd().split('\n').at(-1)).toMatch(line)
    }
  })
})

/** The healthy image under these further tags as well. */
const alsoTagged =
  (...tags: string[]): Change =>
  (facts) => {
    for (const tag of tags) {
      const { target, ...rest } = structuredClone(targetIn(facts))
      facts.image.targets.push({ ...rest, target: { reference: { ...target.reference, tag } } })
    }
  }

/** So many healthy images, each of its own digest and in its own repository. */
const many =
  (count: number, ...tags: string[]): Change =>
  (facts) => {
    const { target, first, last } = targetIn(facts)
    const repository = repositoryIn(facts)
    for (let at = 0; at < count; at += 1) {
      const reference = { ...target.reference, repository: `team/app-${at}` }
      const name = `${reference.registry}/${reference.repository}`
      facts.image.repositories.push({ ...repository, name })
      for (const tag of ['1.2', ...tags]) {
        const also = { target: { reference: { ...reference, tag } }, first, ...(last ? { last } : {}) }
        facts.image.targets.push(also)
      }
    }
  }

describe('a healthy run is short', () => {
  test('tags of one digest share one entry, and the whole run takes at most eight lines', async () => {
    const log = await logOf(alsoTagged('1', 'latest'))
    expect(log.split('\n')[0]).toBe(`regguard 0.0.0-test · 3 tags of ${repository}`)
    expect(log.match(/^. image /gm)).toHaveLength(1)
    expect(log).toContain(`✓ image   ${tagged} (also 1, latest)   index sha256:`)
    expect(log.trimEnd().split('\n').length).toBeLessThanOrEqual(8)
  })

  test('no advice stands in it, not even that of a note', async () => {
    const noted = quirky('head-unsupported', 4)
    const advice = checks.find(({ id }) => id === 'head-unsupported')?.advice ?? 'no such check'
    expect(await logOf(noted)).toContain('HEAD')
    expect(await logOf(noted)).not.toContain(advice)
    expect(await logOf(all(noted, withBlob('base layer', absent())))).toContain(advice)
  })

  test('2,000 healthy tags are a number, and what is wrong stands before it', async () => {
    const log = await logOf(all(many(1000, 'latest'), withFaultyTag))
    expect(log.trimEnd().split('\n').length).toBeLessThan(20)
    expect(log).toContain('✓ image   2000 tags of 1000 images in 1000 repositories · ')
    expect(log.indexOf(`✗ image   ${tagged}`)).toBeLessThan(log.indexOf('✓ image   2000'))
  })

  test('of very many that are not well the first twenty are listed', async () => {
    const log = await logOf(many(50), {
      given: { expect_digest: `sha256:${'0'.repeat(64)}` },
    })
    expect(log.split('\n').length).toBeLessThan(200)
  })
})

/** The first tag is gone. */
const withFaultyTag: Change = (facts) => {
  targetIn(facts).first = seen({
    state: 'absent',
    refusal: { ...refused, code: 'MANIFEST_UNKNOWN' },
    waitedMs: 0,
  })
}

test('what refers to an image is counted', async () => {
  const log = await logOf((facts) => {
    repositoryIn(facts).referrers = seen({ count: 3, api: 'referrers' as const })
  })
  expect(log).toContain('2 attestations, 3 referrers')
})

test('a platform with a long name does not push the others aside', async () => {
  const log = await logOf((facts) => {
    const [first] = indexIn(facts).children
    if (first) first.platform = { os: 'linux', architecture: 'x'.repeat(5000) }
  })
  expect(Math.max(...log.split('\n').map((line) => line.length))).toBeLessThan(700)
})
