import { expect, test } from 'vitest'
import check from '../../../src/checks/image/config-without-platform.ts'
import { about, blobIn, type Change, configIn, faultsOf, imageIn, type Quiet } from '../../support/facts.ts'

const without =
  (...fields: ('platform' | 'diffIds')[]): Change =>
  (facts) => {
    const config: Partial<ReturnType<typeof configIn>> = configIn(facts, 'arm64 config')
    for (const field of fields) delete config[field]
  }

test('an image whose configuration states no platform is a warning, because clients start it', () => {
  expect(faultsOf(check, without('platform'))).toEqual([
    {
      ...about('arm64', 'linux/arm64'),
      severity: 'warning',
      message: '“os” or “architecture” is missing in the configuration',
    },
  ])
})

test.each<Quiet>([
  ['a configuration with a platform is right', () => {}],
  ['a configuration without layers has a platform all the same', without('diffIds')],
  ['an empty configuration is that of an artifact', without('platform', 'diffIds')],
  [
    'a signature has no platform',
    (facts) => {
      without('platform')(facts)
      for (const layer of imageIn(facts, 'arm64').layers)
        layer.mediaType = 'application/vnd.dev.cosign.simplesigning.v1+json'
    },
  ],
  [
    'a configuration that cannot be read is reported by another check',
    (facts) => {
      blobIn(facts, 'arm64 config').config = { ok: false, problem: 'not valid JSON' }
    },
  ],
])('%s', (_sentence, change) => {
  expect(faultsOf(check, change)).toEqual([])
})
