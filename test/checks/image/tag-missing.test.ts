import { describe, expect, test } from 'vitest'
import check from '../../../src/checks/image/tag-missing.ts'
import type { OtherTags } from '../../../src/facts/image.ts'
import {
  absent,
  type Change,
  digestOf,
  faultsOf,
  type Quiet,
  refused,
  repository,
  seen,
  tagged,
  targetIn,
  unseen,
  withManifest,
} from '../../support/facts.ts'

const gone =
  (more: { otherTags?: OtherTags; waitedMs?: number; code?: string } = {}): Change =>
  (facts) => {
    const { otherTags, waitedMs = 0, code = 'MANIFEST_UNKNOWN' } = more
    const refusal = { ...refused, code }
    targetIn(facts).first = seen({
      state: 'absent',
      refusal,
      waitedMs,
      ...(otherTags ? { otherTags } : {}),
    })
  }
const finding = {
  subject: tagged,
  severity: 'error',
  message: 'the registry answered 404 MANIFEST_UNKNOWN',
  actual: 'no manifest with this name',
  absent: true,
  evidence: [],
  cause: repository,
}

test('a missing tag is an error', () => {
  expect(faultsOf(check, gone())).toEqual([finding])
})

test('a missing digest is an error, too', () => {
  const faults = faultsOf(check, (facts) => {
    gone()(facts)
    const { reference } = targetIn(facts).target
    delete reference.tag
    reference.digest = digestOf('index')
  })
  expect(faults).toEqual([
    {
      ...finding,
      subject: `${repository}@${digestOf('index')}`,
      title: 'Digest not found in the registry.',
      cause: `${repository} by digest`,
    },
  ])
})

test('a wrong digest beside a tag is a missing digest', () => {
  const faults = faultsOf(check, (facts) => {
    gone({ otherTags: { tags: ['1.2'], more: false } })(facts)
    targetIn(facts).target.reference.digest = digestOf('index')
  })
  expect(faults).toMatchObject([
    { title: 'Digest not found in the registry.', cause: `${repository} by digest` },
  ])
})

test('a tag that the registry lists has lost its manifest', () => {
  const listed = { otherTags: { tags: ['1.1', '1.2'], more: false } }
  expect(faultsOf(check, gone(listed), { tags: '1.2' })).toEqual([
    {
      ...finding,
      title: expect.stringContaining('Lost manifest: the registry lists the tag'),
      advice: 'Restart the registry, which empties its cache; then push again.',
      actual: 'a tag without its manifest',
      evidence: [`${repository} has 2 tags: 1.1, 1.2`],
      cause: `${repository} lists the tag`,
      because: expect.stringContaining('distribution#2270'),
    },
  ])
})

test('the digest that the push reported is shown with its source', () => {
  const faults = faultsOf(check, (facts) => {
    gone()(facts)
    targetIn(facts).target.expected = { digest: digestOf('index'), from: 'metadata_file' }
  })
  expect(faults).toEqual([{ ...finding, expected: `${digestOf('index')} (metadata_file)` }])
})

test.each([
  ['a refusal without a code leaves no trailing space', { code: '' }, 'the registry answered 404'],
  [
    'the time waited is reported',
    { waitedMs: 30_000 },
    'the registry answered 404 MANIFEST_UNKNOWN for 30 s',
  ],
  [
    'one second of waiting is reported',
    { waitedMs: 1000 },
    'the registry answered 404 MANIFEST_UNKNOWN for 1 s',
  ],
  [
    'less than a second of waiting is not reported',
    { waitedMs: 999 },
    'the registry answered 404 MANIFEST_UNKNOWN',
  ],
])('%s', (_sentence, more, message) => {
  expect(faultsOf(check, gone(more))).toEqual([{ ...finding, message }])
})

const tags = (n: number) => Array.from({ length: n }, (_, at) => `0.${at}`)

test.each<[string, OtherTags, string]>([
  ['a repository without tags is reported as such', { tags: [], more: false }, `${repository} has no tags`],
  [
    'the existing tags are reported',
    { tags: tags(3), more: false },
    `${repository} has 3 tags: 0.0, 0.1, 0.2`,
  ],
  [
    'eight tags are listed in full',
    { tags: tags(8), more: false },
    `${repository} has 8 tags: ${tags(8).join(', ')}`,
  ],
  [
    'more than eight tags are listed in part',
    { tags: tags(9), more: false },
    `${repository} has 9 tags: ${tags(8).join(', ')} …`,
  ],
  [
    'an incomplete list is reported as such',
    { tags: tags(100), more: true },
    `${repository} has at least 100 tags: ${tags(8).join(', ')} …`,
  ],
])('%s', (_sentence, otherTags, line) => {
  expect(faultsOf(check, gone({ otherTags }))).toEqual([{ ...finding, evidence: [line] }])
})

test.each<Quiet>([
  ['a tag that refers to an image is not missing', () => {}],
  [
    'a tag that was not observed is not missing',
    (facts) => {
      targetIn(facts).first = unseen('rate-limited')
    },
  ],
  [
    'a tag that was removed during the run existed',
    (facts) => {
      targetIn(facts).last = seen({ state: 'absent', refusal: refused, waitedMs: 0 })
    },
  ],
  ['a missing child does not affect its tag', withManifest('arm64', absent())],
])('%s', (_sentence, change) => {
  expect(faultsOf(check, change)).toEqual([])
})

describe('a tag that may be an unquoted number in YAML', () => {
  const one = (tag: string, otherTags?: OtherTags) => (facts: Parameters<Change>[0]) => {
    gone(otherTags ? { otherTags } : {})(facts)
    targetIn(facts).target.reference.tag = tag
  }
  const missing = (tag: string, otherTags: OtherTags | undefined, settings: Record<string, string>) =>
    faultsOf(check, one(tag, otherTags), settings)

  test('is the cause if the other tag exists', () => {
    expect(missing('1.1', { tags: ['1.0', '1.10', '1.9'], more: false }, { tags: '1.1' })).toMatchObject([
      {
        title:
          'Unquoted tag: 1.1 does not exist, but 1.10 does; YAML reads an unquoted 1.10 as the number 1.1.',
        advice: 'Quote the tag, here and in the build step: tags: ["1.10"].',
        cause: '1.1 for 1.10',
      },
    ])
    expect(missing('1', { tags: ['1.0'], more: false }, { tags: '1' })).toMatchObject([
      { cause: '1 for 1.0' },
    ])
    expect(missing('8', { tags: ['010'], more: false }, { tags: '8' })).toMatchObject([
      { cause: '8 for 010' },
    ])
  })

  test.each<[string, OtherTags | undefined]>([
    ['the tags could not be listed', undefined],
    ['the list is incomplete', { tags: ['latest'], more: true }],
  ])('is a hint where %s', (_why, otherTags) => {
    expect(missing('1.1', otherTags, { tags: '1.1' })).toMatchObject([
      {
        because: 'If 1.10 was meant: YAML reads an unquoted 1.10 as the number 1.1; write tags: ["1.10"].',
        cause: '1.1 or 1.10',
      },
    ])
  })

  test.each<[string, string, OtherTags | undefined, Record<string, string>]>([
    ['the list is complete', '1.1', { tags: ['latest'], more: false }, { tags: '1.1' }],
    ['it is not in tags', '1.1', { tags: ['1.10'], more: false }, { tags: 'latest' }],
    ['it is not a number', 'v1.1', { tags: ['v1.10'], more: true }, { tags: 'v1.1' }],
    ['it ends in a zero', '1.10', undefined, { tags: '1.10' }],
  ])('is not mentioned where %s', (_why, tag, otherTags, settings) => {
    const [fault] = missing(tag, otherTags, settings)
    expect(fault).toMatchObject({ cause: repository })
    expect(fault).not.toHaveProperty('because')
    expect(fault).not.toHaveProperty('advice')
  })
})
