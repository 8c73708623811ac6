import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { expect, onTestFinished, test, vi } from 'vitest'
import { descriptor as descriptorSchema, parseManifest } from '../../src/oci/manifest.ts'
import * as types from '../../src/oci/media-types.ts'
import { clearlyMoreThanLinear, growthOf } from '../support/growth.ts'

const digest = `sha256:${'ab12'.repeat(16)}`
const parseText = (text: string) => parseManifest(Buffer.from(text), types.ociIndex)

test.each([
  ['nothing', ''],
  ['half a document', '{"schemaVersion":2,"manifests":['],
  ['HTML', '<!doctype html><title>Sign in</title>'],
  ['null', 'null'],
  ['a number', '7'],
  ['two documents', '{}{}'],
])('%s is refused with a reason', (_what, text) => {
  expect(parseText(text)).toEqual({ ok: false, problem: expect.stringMatching(/./) })
})

test('bytes that are not UTF-8 are replaced, as in Go', () => {
  const text = Buffer.from('{"schemaVersion":2,"manifests":[],"mediaType":"x"}')
  text[text.indexOf('x')] = 0xff
  expect(parseManifest(text, types.ociIndex)).toMatchObject({ ok: true, value: { mediaType: '\u{fffd}' } })
})

test('a byte order mark is refused, as in Go', () => {
  const text = Buffer.from('\u{feff}{"schemaVersion":2,"manifests":[]}')
  expect(parseManifest(text, types.ociIndex)).toMatchObject({ ok: false })
})

test('the message of the parser for hostile text stays short', () => {
  const result = parseText(`{"a": ${'x'.repeat(100_000)}`)
  expect(result.ok ? '' : result.problem.length).toBeLessThan(300)
})

test.each(['[', '{"manifests":[{"annotations":'])('deep nesting of %s ends in a result', (open) => {
  const close = open === '[' ? ']' : '}]}'
  const depth = 200_000
  for (const text of [open.repeat(depth), open.repeat(depth) + close.repeat(depth)]) {
    expect(typeof parseText(text).ok).toBe('boolean')
  }
})

test('a digest named like a JavaScript property has an unknown algorithm and causes no error', () => {
  const children = [{ mediaType: types.ociManifest, digest: 'constructor:ab12', size: 1 }]
  expect(parseText(JSON.stringify({ schemaVersion: 2, manifests: children }))).toMatchObject({
    ok: true,
    value: { children },
  })
})

test('keys named like JavaScript properties change nothing', () => {
  const text = `{"schemaVersion":2,"__proto__":{"config":{}},"constructor":1,"manifests":[
    {"digest":"${digest}","size":1,"annotations":{"__proto__":"x"},"platform":{"__proto__":{"os":"evil"}}}]}`
  const parsed = parseText(text)
  expect(parsed).toMatchObject({ ok: true, value: { kind: 'index' } })
  expect({}).not.toHaveProperty('config')
  expect(parsed.ok && parsed.value.kind === 'index' && parsed.value.children[0]?.platform?.os).toBe('')
})

test('a long list of descriptors is read', () => {
  const one = `{"digest":"${digest}","size":1}`
  const parsed = parseText(`{"schemaVersion":2,"manifests":[${Array(20_000).fill(one).join()}]}`)
  expect(parsed.ok && parsed.value.kind === 'index' && parsed.value.children.length).toBe(20_000)
})

test('a list of four times as many descriptors takes about four times as long', async () => {
  const one = `{"digest":"${digest}","size":1}`
  const read = (count: number) =>
    parseText(`{"schemaVersion":2,"manifests":[${Array(count).fill(one).join()}]}`)
  expect(await growthOf(read, 5000)).toBeLessThan(clearlyMoreThanLinear)
})

test('a long list of nonsense is refused at its first item, not after all of them', () => {
  const items = '0,'.repeat(1_000_000)
  const read = vi.spyOn(descriptorSchema, 'safeParse')
  onTestFinished(() => read.mockRestore())
  expect(parseText(`{"schemaVersion":2,"manifests":[${items}0]}`)).toMatchObject({
    ok: false,
    problem: expect.stringContaining('“manifests.0”'),
  })
  expect(read).toHaveBeenCalledTimes(1)
})

const value = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom(
    digest,
    'sha256:',
    '',
    -1,
    1.5,
    2 ** 60,
    Number.MAX_SAFE_INTEGER,
    null,
    [],
    {},
    types.dockerSchema1,
  ),
)
const descriptor = fc.record(
  {
    mediaType: value,
    digest: fc.oneof(fc.constant(digest), value),
    size: value,
    platform: value,
    annotations: value,
  },
  { requiredKeys: [] },
)
const descriptors = fc.oneof(fc.array(descriptor, { maxLength: 4 }), value)
const document = fc.record(
  {
    schemaVersion: fc.constantFrom<unknown[]>(1, 2, '2', null),
    mediaType: fc.oneof(fc.constantFrom(types.ociIndex, types.ociManifest, types.ociArtifact), value),
    manifests: descriptors,
    config: fc.oneof(descriptor, value),
    layers: descriptors,
    blobs: descriptors,
    subject: fc.oneof(descriptor, value),
    fsLayers: value,
  },
  { requiredKeys: ['schemaVersion'] },
)
const contentType = fc.constantFrom(
  '',
  types.ociIndex,
  types.ociManifest,
  types.ociArtifact,
  types.dockerSchema1,
)

test('no input makes it throw, and the result is a document of a known kind or a problem', () => {
  const body = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.json().map((text) => Buffer.from(text)),
    document.map((one) => Buffer.from(JSON.stringify(one))),
  )
  fc.assert(
    fc.property(body, contentType, (bytes, type) => {
      const parsed = parseManifest(bytes, type)
      if (parsed.ok) expect(['index', 'image', 'artifact', 'schema1']).toContain(parsed.value.kind)
      else expect(parsed.problem).not.toBe('')
    }),
    { numRuns: 2000 },
  )
})
