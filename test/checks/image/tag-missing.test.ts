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
  evidence: [],
  cause: repository,
}

test('a tag that is not there is an error', () => {
  expect(faultsOf(check, gone())).toEqual([finding])
})

test('a digest that is not there is an error, too', () => {
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

test('what the push reported is told with its source', () => {
  const faults = faultsOf(check, (facts) => {
    gone()(facts)
    targetIn(facts).target.expected = { digest: digestOf('index'), from: 'metadata_file' }
  })
  expect(faults).toEqual([{ ...finding, expected: `${digestOf('index')} (metadata_file)` }])
})

test.each([
  ['a refusal without a code leaves no space behind', { code: '' }, 'the registry answered 404'],
  [
    'the time that was waited is told',
    { waitedMs: 30_000 },
    'the registry answered 404 MANIFEST_UNKNOWN for 30 s',
  ],
  ['a second of waiting is told', { waitedMs: 1000 }, 'the registry answered 404 MANIFEST_UNKNOWN for 1 s'],
  [
    'less than a second of waiting is not told',
    { waitedMs: 999 },
    'the registry answered 404 MANIFEST_UNKNOWN',
  ],
])('%s', (_sentence, more, message) => {
  expect(faultsOf(check, gone(more))).toEqual([{ ...finding, message }])
})

const tags = (n: number) => Array.from({ length: n }, (_, at) => `0.${at}`)

test.each<[string, OtherTags, string]>([
  ['a repository without tags is told as one', { tags: [], more: false }, `${repository} has no tags`],
  [
    'the tags that are there are told',
    { tags: tags(3), more: false },
    `${repository} has 3 tags: 0.0, 0.1, 0.2`,
  ],
  [
    'eight tags are told in full',
    { tags: tags(8), more: false },
    `${repository} has 8 tags: ${tags(8).join(', ')}`,
  ],
  [
    'more than eight tags are told in part',
    { tags: tags(9), more: false },
    `${repository} has 9 tags: ${tags(8).join(', ')} …`,
  ],
  [
    'a list that goes on is told as one',
    { tags: tags(100), more: true },
    `${repository} has at least 100 tags: ${tags(8).join(', ')} …`,
  ],
])('%s', (_sentence, otherTags, line) => {
  expect(faultsOf(check, gone({ otherTags }))).toEqual([{ ...finding, evidence: [line] }])
})

test.each<Quiet>([
  ['a tag that names something is not missing', () => {}],
  [
    'a tag that was not seen is not missing',
    (facts) => {
      targetIn(facts).first = unseen('rate-limited')
    },
  ],
  [
    'a tag that went away during the run was there',
    (facts) => {
      targetIn(facts).last = seen({ state: 'absent', refusal: refused, waitedMs: 0 })
    },
  ],
  ['a child that is gone leaves its tag', withManifest('arm64', absent())],
])('%s', (_sentence, change) => {
  expect(faultsOf(check, change)).toEqual([])
})

describe('a tag that YAML may have made of another', () => {
  const one = (tag: string, otherTags?: OtherTags) => (facts: Parameters<Change>[0]) => {
    gone(otherTags ? { otherTags } : {})(facts)
    targetIn(facts).target.reference.tag = tag
  }
  const missing = (tag: string, otherTags: OtherTags | undefined, settings: Record<string, string>) =>
    faultsOf(check, one(tag, otherTags), settings)

  test('is suspected aloud where the other one is there', () => {
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
    ['the list goes on', { tags: ['latest'], more: true }],
  ])('is doubted where %s', (_why, otherTags) => {
    expect(missing('1.1', otherTags, { tags: '1.1' })).toMatchObject([
      {
        because: 'If 1.10 was meant: YAML reads an unquoted 1.10 as the number 1.1; write tags: ["1.10"].',
        cause: '1.1 or 1.10',
      },
    ])
  })

  test.each<[string, string, OtherTags | undefined, Record<string, string>]>([
    ['the whole list is known', '1.1', { tags: ['latest'], more: false }, { tags: '1.1' }],
    ['it does not stand in tags', '1.1', { tags: ['1.10'], more: false }, { tags: 'latest' }],
    ['it is no number', 'v1.1', { tags: ['v1.10'], more: true }, { tags: 'v1.1' }],
    ['it ends in a zero', '1.10', undefined, { tags: '1.10' }],
  ])('is nothing to speak of where %s', (_why, tag, otherTags, settings) => {
    const [fault] = missing(tag, otherTags, settings)
    expect(fault).toMatchObject({ cause: repository })
    expect(fault).not.toHaveProperty('because')
    expect(fault).not.toHaveProperty('advice')
  })
})
