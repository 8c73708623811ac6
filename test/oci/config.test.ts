import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isEmptyConfig, parseConfig } from '../../src/oci/config.ts'

const bytes = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value))
const layer = `sha256:${'ab12'.repeat(16)}`
const config = { os: 'linux', architecture: 'amd64', rootfs: { type: 'layers', diff_ids: [layer] } }

test('a configuration states its platform and its diff ids', () => {
  expect(parseConfig(bytes({ ...config, history: [], config: { Cmd: ['sh'] } }))).toEqual({
    ok: true,
    value: {
      platform: { os: 'linux', architecture: 'amd64', variant: '', osVersion: '' },
      diffIds: [layer],
      historyLayers: 0,
    },
  })
})

test('its platform is normalised', () => {
  const arm = parseConfig(bytes({ ...config, architecture: 'aarch64', variant: 'v8' }))
  expect(arm).toMatchObject({ value: { platform: { architecture: 'arm64', variant: '' } } })
  const windows = parseConfig(bytes({ ...config, os: 'windows', 'os.version': '10.0.20348.2700' }))
  expect(windows).toMatchObject({ value: { platform: { os: 'windows', osVersion: '10.0.20348.2700' } } })
})

test.each([
  ['no layers', { ...config, rootfs: { type: 'layers', diff_ids: null } }, []],
  ['an empty list of layers', { ...config, rootfs: { diff_ids: [] } }, []],
  ['a root file system without a list of layers', { ...config, rootfs: {} }, []],
  ['no root file system', { ...config, rootfs: undefined }, undefined],
])('%s is not a fault', (_what, value, diffIds) => {
  const parsed = parseConfig(bytes(value))
  expect(parsed).toMatchObject({ ok: true, value: { platform: { os: 'linux' } } })
  expect(parsed.ok ? parsed.value.diffIds : 'not read').toEqual(diffIds)
})

test.each([
  ['no os', { ...config, os: undefined }],
  ['an os that is null', { ...config, os: null }],
  ['an empty os', { ...config, os: '' }],
  ['no architecture', { ...config, architecture: undefined }],
])('%s is no platform, and the layers are read all the same', (_what, value) => {
  expect(parseConfig(bytes(value))).toEqual({ ok: true, value: { diffIds: [layer] } })
})

test.each([
  [{}, true],
  [null, true],
  [{ created: '2026-01-01T00:00:00Z' }, true],
  [{ ...config, os: undefined }, false],
  [{ os: 'linux', architecture: 'amd64' }, false],
])('%j describes no image at all: %s', (value, empty) => {
  const parsed = parseConfig(bytes(value))
  expect(parsed.ok && isEmptyConfig(parsed.value)).toBe(empty)
})

test.each([
  ['a diff id that is a number', { ...config, rootfs: { diff_ids: [layer, 7] } }, '“rootfs.diff_ids.1”'],
  ['a root file system that is a text', { ...config, rootfs: 'layers' }, '“rootfs”'],
  ['an os that is a list', { ...config, os: ['linux'] }, '“os”'],
  ['a variant that is a number', { ...config, variant: 7 }, '“variant”'],
  ['a list', [], '“the document”'],
])('%s is reported with its position', (_what, value, place) => {
  const parsed = parseConfig(bytes(value))
  expect(parsed.ok ? parsed.value : parsed.problem).toContain(place)
})

test.each([
  ['a user that is a number', { config: { User: 0 } }, '“config.User”'],
  ['an environment that is an object', { config: { Env: { A: '1' } } }, '“config.Env”'],
  ['a command that is a text', { config: { Cmd: 'sh' } }, '“config.Cmd”'],
  ['labels that are a list', { config: { Labels: [] } }, '“config.Labels”'],
  ['a label that is a number', { config: { Labels: { a: 1 } } }, '“config.Labels.a”'],
  ['ports that are a list', { config: { ExposedPorts: ['80'] } }, '“config.ExposedPorts”'],
  ['a time that is none', { created: 'yesterday' }, '“created”'],
  ['an empty time', { created: '' }, '“created”'],
  ['a history that is an object', { history: {} }, '“history”'],
  ['a diff id that is no digest', { rootfs: { diff_ids: ['none'] } }, '“rootfs.diff_ids.0”'],
])('%s is reported, because clients cannot read it', (_what, change, place) => {
  const parsed = parseConfig(bytes({ ...config, ...change }))
  expect(parsed.ok ? parsed.value : parsed.problem).toContain(place)
})

test.each([
  ['a time with an offset', { created: '2026-01-02T03:04:05.678901234+01:00' }],
  ['the time zero of Go', { created: '0001-01-01T00:00:00Z' }],
  ['the epoch', { created: '1970-01-01T00:00:00Z' }],
  ['a time that is null', { created: null }],
  [
    'null everywhere',
    { config: { User: null, Env: null, Cmd: null, Labels: null, Volumes: null }, history: null },
  ],
  ['null inside of lists and labels', { config: { Env: ['A=1', null], Labels: { a: null } } }],
  ['a configuration of null', { config: null }],
  ['fields that are not of the specification', { config: { Extra: 7 }, 'x-extra': [] }],
])('%s is read', (_what, change) => {
  expect(parseConfig(bytes({ ...config, ...change }))).toMatchObject({ ok: true })
})

test.each([
  [[{ created_by: 'a' }, { created_by: 'b', empty_layer: true }, {}], 2],
  [[], 0],
  [[{ empty_layer: null }, null], 2],
])('%j is a history of %i layers', (history, historyLayers) => {
  expect(parseConfig(bytes({ ...config, history }))).toMatchObject({ ok: true, value: { historyLayers } })
})

test('bytes that are not JSON are reported as such', () => {
  for (const broken of ['', '{', '{"os":', 'null,']) {
    expect(parseConfig(Buffer.from(broken))).toEqual({
      ok: false,
      problem: expect.stringContaining('not valid JSON'),
    })
  }
  expect(parseConfig(Uint8Array.of(0x22, 0xff, 0x22))).toMatchObject({ ok: false })
})

test('an architecture named like a JavaScript property is read like any other', () => {
  expect(parseConfig(bytes({ ...config, architecture: 'constructor' }))).toMatchObject({ ok: true })
})

test('no input makes it throw', () => {
  const near = fc.record(
    {
      os: fc.oneof(fc.string(), fc.jsonValue()),
      architecture: fc.oneof(fc.string(), fc.jsonValue()),
      variant: fc.jsonValue(),
      rootfs: fc.oneof(fc.jsonValue(), fc.record({ diff_ids: fc.jsonValue() })),
    },
    { requiredKeys: [] },
  )
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), near.map(bytes)), (body) => {
      const parsed = parseConfig(body)
      if (!parsed.ok) expect(parsed.problem).not.toBe('')
    }),
    { numRuns: 2000 },
  )
})
