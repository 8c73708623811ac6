import { expect, test } from 'vitest'
import check from '../../../src/checks/image/layer-empty.ts'
import { about, all, type Change, faultsOf, imageIn, type Quiet } from '../../support/facts.ts'

const emptied: Change = (facts) => {
  for (const layer of imageIn(facts, 'arm64').layers) layer.size = 0
}

test('layers of no bytes are an error that names containerd', () => {
  expect(faultsOf(check, emptied)).toEqual([
    {
      ...about('arm64', 'linux/arm64'),
      severity: 'error',
      message: 'layers[0], layers[1]: size 0',
      because: expect.stringMatching(/^Pulls fail in containerd .*content size of zero/),
    },
  ])
})

test('of many only the first four are named', () => {
  const many: Change = (facts) => {
    const { layers } = imageIn(facts, 'arm64')
    const [first] = layers
    if (first) layers.splice(0, 2, ...Array.from({ length: 6 }, () => ({ ...first, size: 0 })))
  }
  expect(faultsOf(check, many)).toMatchObject([
    { message: 'layers[0], layers[1], layers[2], layers[3] and 2 more: size 0' },
  ])
})

test.each<Quiet>([
  ['layers with content are fine', () => {}],
  [
    'an artifact may have an empty file',
    all(emptied, (facts) => {
      imageIn(facts, 'arm64').config.mediaType = 'application/vnd.oci.empty.v1+json'
    }),
  ],
  [
    'an attestation is no image',
    (facts) => {
      for (const layer of imageIn(facts, 'amd64 attestation').layers) layer.size = 0
    },
  ],
])('%s', (_sentence, change) => {
  expect(faultsOf(check, change)).toEqual([])
})
