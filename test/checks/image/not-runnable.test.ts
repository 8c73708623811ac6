import { expect, test } from 'vitest'
import layerCount from '../../../src/checks/image/config-layer-count.ts'
import check from '../../../src/checks/image/not-runnable.ts'
import { ociConfig } from '../../../src/oci/media-types.ts'
import { about, type Change, configIn, faultsOf, imageIn, type Quiet } from '../../support/facts.ts'

const without =
  (...fields: ('platform' | 'diffIds')[]): Change =>
  (facts) => {
    const config: Partial<ReturnType<typeof configIn>> = configIn(facts, 'arm64 config')
    for (const field of fields) delete config[field]
  }
const empty = without('platform', 'diffIds')

test('an artifact with an empty configuration of the type of an image is a warning, and not an image with missing layers', () => {
  expect(faultsOf(check, empty)).toEqual([
    {
      ...about('arm64', 'linux/arm64'),
      severity: 'warning',
      message: `the configuration of type ${ociConfig} has no platform and no root file system`,
    },
  ])
  expect(faultsOf(layerCount, empty)).toEqual([])
})

test.each<Quiet>([
  ['an image has a platform and layers', () => {}],
  ['an image without a platform is an image', without('platform')],
  ['an image without a root file system is an image', without('diffIds')],
  [
    'a signature is no image at all',
    (facts) => {
      empty(facts)
      for (const layer of imageIn(facts, 'arm64').layers)
        layer.mediaType = 'application/vnd.dev.cosign.simplesigning.v1+json'
    },
  ],
])('%s', (_sentence, change) => {
  expect(faultsOf(check, change)).toEqual([])
})
