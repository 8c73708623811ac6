import { expect, test } from 'vitest'
import { createDigestTable } from '../../../../src/facts/queries/storage/digest-table.ts'
import { readStoredManifest } from '../../../../src/facts/queries/storage/stored-manifest.ts'

const [config, layer, other] = ['1', '2', '3'].map((one) => `sha256:${one.repeat(64)}`)

function read(text: string) {
  const digests = createDigestTable()
  const read = readStoredManifest(Buffer.from(text), digests)
  if (read.state !== 'parsed') return read
  const { kind, mediaType, references } = read.document
  return {
    ...{ kind, mediaType },
    references: references.map(({ digest, role, size, platform }) => ({
      ...{ role, size, platform },
      digest: digests.text(digest),
    })),
  }
}

// What garbage-collect of registry 2.8.2 and 3.1.2 makes of such manifests; test/storage/random-root.ts has them, too.
test('finds keys in any case, as Go does', () => {
  expect(
    read(
      `{"SchemaVersion":2,"MEDIATYPE":"application/vnd.oci.image.manifest.v1+json","Config":{"Digest":"${config}","SIZE":3},"layerſ":[{"digeſt":"${layer}","size":4}]}`,
    ),
  ).toEqual({
    kind: 'image',
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    references: [
      { role: 'config', size: 3, platform: '', digest: config },
      { role: 'layer', size: 4, platform: '', digest: layer },
    ],
  })
  expect(
    read(
      `{"schemaversion":2,"Manifests":[{"digest":"${layer}","size":4,"Platform":{"OS":"linux","Architecture":"arm64"}}]}`,
    ),
  ).toMatchObject({ kind: 'index', references: [{ role: 'child', platform: 'linux/arm64', digest: layer }] })
})

test('of keys that name the same field, the last counts; an object is decoded over the one before, and null changes nothing', () => {
  const text = `{"schemaVersion":2,"mediaType":"x/y","MediaType":"application/vnd.oci.image.manifest.v1+json","mediatype":null,"Config":{"digest":"${other}","size":9},"config":{"digest":"${config}"},"Layers":[{"digest":"${other}"}],"layers":[]}`
  expect(read(text)).toEqual({
    kind: 'image',
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    references: [{ role: 'config', size: 9, platform: '', digest: config }],
  })
})

test('refuses a wrong type under a key in another case', () => {
  expect(read(`{"schemaVersion":2,"Config":{"Size":"3"}}`)).toMatchObject({
    state: 'invalid',
    why: 'its field config has the wrong type',
  })
  expect(read(`{"SCHEMAVERSION":2,"schemaVersion":3}`)).toMatchObject({ why: 'its schemaVersion is 3' })
})

test('keys of other objects keep their names', () => {
  const text = `{"schemaVersion":2,"config":{"digest":"${config}","annotations":{"Digest":"x"}},"Schema Version":1}`
  expect(read(text)).toMatchObject({ references: [{ digest: config }] })
})
