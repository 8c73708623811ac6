import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { formatVersion, recordingSchema, upgrade } from '../../../src/observe/recorder/format.ts'
import { replay } from '../../../src/observe/recorder/replay.ts'

/** Written by regguard 0.1.0, whose recordings called remedies `needs`. */
const old = fileURLToPath(new URL('../../recorded/recording-version-1', import.meta.url))

test('a recording of version 1 replays, with its remedies', async () => {
  const replayed = await replay(old)
  if (!replayed.ok) throw new Error(replayed.why)
  const { rules, kernel, ports, networks } = replayed.fact
  expect(rules).toMatchObject({ seen: false, applies: true, remedies: ['host-snapshot', 'net-admin'] })
  expect(kernel).toMatchObject({ seen: false, remedies: ['host-snapshot', 'net-admin'] })
  expect(ports.seen && networks.seen).toBe(true)
})

test('nothing else is renamed: a network may be called needs', () => {
  const network = { seen: true, value: [{ name: 'ci', needs: ['x'] }], from: 'the socket' }
  const recording = { format: 'regguard recording', version: 1, facts: { networks: network } }
  expect(upgrade(recording)).toEqual({ ...recording, version: formatVersion })
})

test('a recording of the present version is left as it is', () => {
  const recording = {
    format: 'regguard recording',
    version: formatVersion,
    facts: { seen: false, needs: ['tools'] },
  }
  expect(upgrade(recording)).toBe(recording)
  expect(recordingSchema.safeParse(upgrade({ format: 'another' })).success).toBe(false)
})
