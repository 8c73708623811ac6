import { expect, test } from 'vitest'
import check from '../../../src/checks/image/foreign-layer-skipped.ts'
import {
  about,
  absent,
  all,
  altered,
  blobIn,
  type Change,
  digestOf,
  faultsOf,
  type Quiet,
  repository,
  unseen,
  withBlob,
} from '../../support/facts.ts'

const gone = withBlob('amd64 layer', absent())
const typed =
  (mediaType: string): Change =>
  (facts) => {
    blobIn(facts, 'amd64 layer').descriptor.mediaType = mediaType
  }
const hosted =
  (...urls: string[]): Change =>
  (facts) => {
    blobIn(facts, 'amd64 layer').descriptor.urls = urls
  }
const foreign = typed('application/vnd.docker.image.rootfs.foreign.diff.tar.gzip')
const goneConfig: Change = (facts) => {
  const config = blobIn(facts, 'amd64 config')
  config.observed = absent()
  config.descriptor.mediaType = 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip'
  config.descriptor.urls = ['https://layers.example.com/1']
}
const finding = {
  ...about('amd64 layer', 'linux/amd64'),
  severity: 'note',
  message: 'layers[1] is hosted elsewhere',
  evidence: [],
  cause: repository,
}

test.each([
  ['a foreign layer of Docker may be absent', foreign],
  [
    'a non-distributable layer may be absent',
    typed('application/vnd.oci.image.layer.nondistributable.v1.tar+gzip'),
  ],
])('%s', (_sentence, change) => {
  expect(faultsOf(check, all(gone, change))).toEqual([finding])
})

test('three URLs of a foreign layer are reported', () => {
  const addresses = [1, 2, 3, 4].map((n) => `https://layers.example.com/${n}`)
  expect(faultsOf(check, all(gone, foreign, hosted(...addresses)))).toEqual([
    { ...finding, evidence: addresses.slice(0, 3) },
  ])
})

test.each<Quiet>([
  ['existing layers are not hosted elsewhere', () => {}],
  ['an existing foreign layer is not skipped', foreign],
  ['a missing ordinary layer is not foreign', gone],
  ['URLs do not make a layer foreign', all(gone, hosted('https://layers.example.com/1'))],
  ['a missing configuration is not a layer, even if it has URLs', goneConfig],
  [
    'a layer that is the configuration of another manifest must exist',
    all(gone, foreign, (facts) => {
      blobIn(facts, 'amd64 layer').uses.push({ parent: digestOf('arm64'), field: 'config' })
    }),
  ],
  ['a foreign layer with other bytes is not skipped', all(foreign, withBlob('amd64 layer', altered()))],
  [
    'a foreign layer that was not observed is not skipped',
    all(foreign, withBlob('amd64 layer', unseen('rate-limited'))),
  ],
])('%s', (_sentence, change) => {
  expect(faultsOf(check, change)).toEqual([])
})
