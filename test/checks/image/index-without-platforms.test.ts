import { expect, test } from 'vitest'
import check from '../../../src/checks/image/index-without-platforms.ts'
import {
  about,
  type Change,
  faultsOf,
  imageIn,
  indexIn,
  type Quiet,
  repository,
} from '../../support/facts.ts'

const without =
  (...entries: number[]): Change =>
  (facts) => {
    for (const [at, child] of indexIn(facts).children.entries())
      if (entries.includes(at)) delete child.platform
  }

test('an index that states no platform for its images is a note that names Docker', () => {
  expect(faultsOf(check, without(0, 1))).toEqual([
    {
      ...about('index'),
      severity: 'note',
      message: 'no entry of an image has a platform',
      cause: repository,
      because: expect.stringContaining('no matching manifest'),
    },
  ])
})

test.each<Quiet>([
  ['an index with platforms is fine', () => {}],
  ['one entry with a platform can be found', without(0)],
  [
    'artifacts have no platform',
    (facts) => {
      without(0, 1)(facts)
      for (const name of ['amd64', 'arm64'] as const)
        imageIn(facts, name).config.mediaType = 'application/vnd.cncf.helm.config.v1+json'
    },
  ],
])('%s', (_sentence, change) => {
  expect(faultsOf(check, change)).toEqual([])
})
