import { expect, test } from 'vitest'
import check from '../../../src/checks/image/too-many-layers.ts'
import { about, type Change, faultsOf, imageIn, type Quiet, repository } from '../../support/facts.ts'

const layers =
  (count: number, config?: string): Change =>
  (facts) => {
    const image = imageIn(facts, 'arm64')
    const [first] = image.layers
    if (first) image.layers = Array.from({ length: count }, () => first)
    if (config) image.config.mediaType = config
  }

test('126 layers are a note that names Docker and its error', () => {
  expect(faultsOf(check, layers(126))).toEqual([
    {
      ...about('arm64', 'linux/arm64'),
      severity: 'note',
      message: '126 layers',
      cause: repository,
      because: 'Pulls fail in Docker with the classic image store with “max depth exceeded”.',
    },
  ])
})

test.each<Quiet>([
  ['125 layers can be unpacked', layers(125)],
  ['an artifact may have any number', layers(300, 'application/vnd.oci.empty.v1+json')],
])('%s', (_sentence, change) => {
  expect(faultsOf(check, change)).toEqual([])
})
