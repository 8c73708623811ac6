import { expect, test } from 'vitest'
import * as types from '../../src/oci/media-types.ts'

test('the indexes are OCI’s index and Docker’s manifest list', () => {
  const indexes = Object.values(types).filter((type) => typeof type === 'string' && types.isIndexType(type))
  expect(indexes.toSorted()).toEqual([
    'application/vnd.docker.distribution.manifest.list.v2+json',
    'application/vnd.oci.image.index.v1+json',
  ])
})

test.each([
  ['application/vnd.oci.image.index.v1+json', true],
  ['application/vnd.oci.image.manifest.v1+json', true],
  ['application/vnd.docker.distribution.manifest.list.v2+json', true],
  ['application/vnd.docker.distribution.manifest.v2+json', true],
  ['application/vnd.oci.artifact.manifest.v1+json', true],
  ['application/vnd.docker.distribution.manifest.v1+json', true],
  ['application/vnd.docker.distribution.manifest.v1+prettyjws', true],
  ['application/vnd.oci.image.config.v1+json', false],
  ['application/vnd.docker.container.image.v1+json', false],
  ['application/vnd.oci.image.layer.v1.tar+gzip', false],
  ['application/json', false],
  ['', false],
])('the manifests endpoint serves %j: %s', (type, served) => {
  expect(types.isManifestType(type)).toBe(served)
})

test('every supported type is accepted, schema 1 last', () => {
  const asked = types.acceptedManifests.split(', ')
  expect(asked.filter((type) => !types.isManifestType(type))).toEqual([])
  expect(asked).toHaveLength(7)
  expect(asked.map(types.isSchema1Type)).toEqual([false, false, false, false, false, true, true])
})

test.each([
  ['application/vnd.oci.image.layer.nondistributable.v1.tar+gzip', true],
  ['application/vnd.oci.image.layer.nondistributable.v1.tar', true],
  ['application/vnd.docker.image.rootfs.foreign.diff.tar.gzip', true],
  ['application/vnd.docker.image.rootfs.diff.tar.gzip', false],
  ['application/vnd.oci.image.layer.v1.tar+zstd', false],
  ['', false],
])('%j is a layer that a registry may lack: %s', (type, foreign) => {
  expect(types.isForeignLayerType(type)).toBe(foreign)
})

test('only images have a configuration with a root file system', () => {
  const configs = [
    types.ociConfig,
    types.dockerConfig,
    types.ociEmpty,
    'application/vnd.cncf.helm.config.v1+json',
  ]
  expect(configs.map(types.isImageConfigType)).toEqual([true, true, false, false])
})

test.each([
  ['application/vnd.oci.image.index.v1+json; charset=utf-8', 'application/vnd.oci.image.index.v1+json'],
  [' Application/JSON ;q=1;v=2', 'application/json'],
  ['application/json', 'application/json'],
  [';', ''],
  ['', ''],
])('%j without parameters is %j', (header, bare) => {
  expect(types.bareMediaType(header)).toBe(bare)
})
