import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { RunnerFact } from '../../../src/facts/runner.ts'
import { type RecordOptions, record } from '../../../src/observe/recorder/record.ts'
import { replay } from '../../../src/observe/recorder/replay.ts'
import { fakeHostAccess } from '../../support/fake-host-access.ts'
import { healthyRunner, inspectedAt, seenArea, withRules } from '../../support/runner-facts.ts'

let parent: string
let dir: string
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'regguard-record-'))
  dir = join(parent, 'recording')
})
afterEach(() => rm(parent, { recursive: true, force: true }))

const second = 1000
/** Records samples one second apart; `outages` says which of them are in an outage. */
async function recordSamples(
  outages: boolean[],
  change: Partial<RecordOptions> & { samples?: RunnerFact[] } = {},
) {
  let taken = 0
  const stop = new AbortController()
  const events: unknown[] = []
  const access = fakeHostAccess({ signal: stop.signal })
  const result = await record({
    ...{ dir, durationMs: 60_000, everyMs: 1, access },
    observe: async () => {
      const facts = change.samples?.[taken] ?? healthyRunner()
      taken += 1
      // The sample after the last is interrupted.
      if (taken > outages.length) stop.abort()
      return { ...facts, at: inspectedAt + taken * second }
    },
    isOutage: () => outages[taken - 1] === true,
    onEvent: (event) => events.push(event),
    ...change,
  })
  return { result, events }
}
const at = (sample: number) => inspectedAt + sample * second
const recordedAt = async (part: string) =>
  JSON.parse(await readFile(join(dir, part, 'facts.json'), 'utf8')).facts.at
const page = () => readFile(join(dir, 'index.md'), 'utf8')

describe('an outage', () => {
  test('the samples before, at and after it are copied, with text files', async () => {
    const { result, events } = await recordSamples([false, false, true, true, true, false, false, true])
    expect(result).toEqual({
      ...{ ok: true, samples: 8, outageSamples: 4, writeErrors: [], stopped: true },
      incident: { at: at(3), before: at(2), after: at(6), until: at(6) },
    })
    expect(await Promise.all(['before', 'at', 'after'].map(recordedAt))).toEqual([at(2), at(3), at(6)])
    const files = ['facts.json', 'kernel.txt', 'links.txt', 'networks.txt', 'ports.txt', 'rules.txt']
    for (const part of ['before', 'at', 'after'])
      expect((await readdir(join(dir, part))).toSorted()).toEqual(files)
    expect((await readdir(dir)).toSorted()).toEqual(['after', 'at', 'before', 'index.md', 'samples'])
    expect(events).toEqual([
      { what: 'outage', at: at(3) },
      { what: 'recovery', at: at(6) },
    ])
    expect(await page()).toContain(`stopped responding at ${new Date(at(3)).toISOString()}**, in 4 samples`)
  })

  test('without an end: the last sample is the one after', async () => {
    const { result } = await recordSamples([false, true, true, true])
    expect(result).toMatchObject({ incident: { at: at(2), before: at(1), after: at(4) } })
    expect(await recordedAt('after')).toBe(at(4))
    expect(await page()).toContain('had not recovered')
  })

  test('in the first sample has none before it, and in the last none after it', async () => {
    expect((await recordSamples([true])).result).toMatchObject({ incident: { at: at(1) }, outageSamples: 1 })
    expect((await readdir(dir)).toSorted()).toEqual(['at', 'index.md', 'samples'])
    expect(await page()).toContain('the first sample was already in the outage')
  })

  test('none: only samples', async () => {
    const { result } = await recordSamples([false, false])
    expect(result).toEqual({ ok: true, samples: 2, outageSamples: 0, writeErrors: [], stopped: true })
    expect((await readdir(dir)).toSorted()).toEqual(['index.md', 'samples'])
    expect(await page()).toContain('no outage in any sample')
  })
})

describe('the duration', () => {
  test('ends the recording', async () => {
    let now = Date.UTC(2030, 0, 1)
    const access = fakeHostAccess({ now: () => now })
    const result = await record({
      ...{ dir, durationMs: 1000, everyMs: 250, access, isOutage: () => false },
      observe: async () => {
        now += 250
        return healthyRunner()
      },
    })
    expect(result).toMatchObject({ ok: true, samples: 4, stopped: false })
    expect(await page()).toContain(': ended')
  })
})

describe('disk space', () => {
  /** A sample that does not compress well. */
  const large = (): RunnerFact => {
    const facts = healthyRunner()
    const noise = () => Array.from({ length: 40 }, () => Math.random().toString(36).slice(2)).join('')
    withRules(
      'filter',
      'INPUT',
      ...Array.from({ length: 20 }, () => `-m comment --comment "${noise()}" -j ACCEPT`),
    )(facts)
    return facts
  }
  const samples = () => readdir(join(dir, 'samples'))
  const sizes = async () => {
    const all = await Promise.all((await samples()).map((name) => readFile(join(dir, 'samples', name))))
    return all.reduce((sum, { length }) => sum + length, 0)
  }

  test('the oldest samples are removed, the outage is kept', async () => {
    const outages = Array.from({ length: 30 }, (_, index) => index === 3)
    await recordSamples(outages, { samples: outages.map(large), roomBytes: 60_000 })
    const names = (await samples()).toSorted()
    expect(names.length).toBeGreaterThan(1)
    expect(names.length).toBeLessThan(10)
    expect(names.at(-1)).toMatch(/^000030-/)
    expect(await sizes()).toBeLessThanOrEqual(60_000)
    expect(await recordedAt('at')).toBe(at(4))
  })

  test('one sample is always kept', async () => {
    await recordSamples([false, false, false], { roomBytes: 1 })
    expect(await samples()).toEqual([expect.stringMatching(/^000003-/)])
  })

  test('a second recording continues the samples of the first', async () => {
    await recordSamples([false, false])
    await recordSamples([false])
    expect((await samples()).toSorted().map((name) => name.slice(0, 6))).toEqual([
      '000001',
      '000002',
      '000003',
    ])
  })
})

describe('existing directories', () => {
  const refused = async (why: string) => {
    const before = await readdir(dir, { recursive: true })
    const { result } = await recordSamples([true])
    expect(result).toEqual({ ok: false, why: expect.stringContaining(why) })
    expect(await readdir(dir, { recursive: true })).toEqual(before)
  }
  test('with other files are left alone', async () => {
    await mkdir(dir)
    await writeFile(join(dir, 'package.json'), '{}')
    await refused('it contains "package.json", which does not belong to a recording')
  })
  test('with other files of our names are left alone', async () => {
    await mkdir(join(dir, 'samples'), { recursive: true })
    await writeFile(join(dir, 'index.md'), '# My samples\n')
    await refused('its index.md does not belong to a recording')
    expect(await page()).toBe('# My samples\n')
  })
  test('with a recorded outage are left alone', async () => {
    await recordSamples([false, true])
    await refused('it contains the recording of an outage')
  })
  test('a file is not a directory', async () => {
    await writeFile(dir, '')
    const { result } = await recordSamples([false])
    expect(result).toMatchObject({ ok: false, why: expect.stringMatching(/not a directory/) })
  })
})

describe('what is removed from recordings', () => {
  const facts = (): RunnerFact => {
    const runner = healthyRunner()
    const own = runner.routes
    if (!own.seen) throw new Error('no routes')
    runner.routes = seenArea({
      ...own.value,
      local: ['203.0.113.10', '192.168.2.2'],
      peers: ['198.51.100.7', '10.0.0.9', '2001:db8:5::7'],
    })
    withRules(
      'filter',
      'INPUT',
      '-s 198.51.100.7/32 -j DROP',
      '-s 198.51.100.8/32 -j DROP',
      '-s 198.51.100.7/32 -j REJECT',
      '-d 203.0.113.10/32 -j ACCEPT',
      '-s 2001:db8:5::7/128 -j DROP',
      '-s 10.0.0.9/32 -j ACCEPT',
    )(runner)
    withRules(
      'filter',
      'OUTPUT',
      '-m comment --comment "hunter2-secret" -j ACCEPT',
      '-d 224.0.0.1/32 -j ACCEPT',
      '-m u32 --u32 "0>>22&0x3C@12&0xFFFF=0x1:0xFF" -j DROP',
    )(runner)
    return runner
  }
  const everything = async () => {
    const names = (await readdir(dir, { recursive: true, withFileTypes: true })).filter(
      (entry) => entry.isFile() && !entry.name.endsWith('.gz'),
    )
    return (
      await Promise.all(names.map((entry) => readFile(join(entry.parentPath, entry.name), 'utf8')))
    ).join('\n')
  }
  const hide = (text: string) =>
    text.replaceAll('hunter2-secret', '********').replaceAll('bridge', '********')

  test('public addresses, except those of the host and its networks', async () => {
    await recordSamples([true, true], { samples: [facts(), facts()], hide })
    const text = await everything()
    expect(text).not.toMatch(/198\.51\.100|2001:db8:5/)
    for (const kept of ['203.0.113.10', '10.0.0.9', '224.0.0.1']) expect(text).toContain(kept)
    expect(text).toContain(
      '-A INPUT -s public-1/32 -j DROP\n-A INPUT -s public-2/32 -j DROP\n-A INPUT -s public-1/32 -j REJECT',
    )
    expect(text).toContain('-s public-3/128')
    expect(text).toContain('0>>22&0x3C@12&0xFFFF=0x1:0xFF')
  })

  test('public addresses in every form; masks and addresses of no host of others stay', async () => {
    const runner = healthyRunner()
    const others = [
      '::c633:6407',
      '64:ff9b::a00:1',
      '2a00:1450:4001:800:0:5efe:a00:1',
      '300::7',
      '192.88.99.9',
    ]
    const kept = ['255.255.255.0', '0.0.0.255', '240.0.0.0', 'ff02::1', 'fec0::7', 'fe80::7', '100.100.7.7']
    withRules('filter', 'INPUT', ...[...others, ...kept].map((address) => `-s ${address} -j DROP`))(runner)
    await recordSamples([true], { samples: [runner], hide })
    const text = await everything()
    for (const [at, address] of others.entries()) {
      expect(text).not.toContain(address)
      expect(text).toContain(`-A INPUT -s public-${at + 1} -j DROP`)
    }
    for (const address of kept) expect(text).toContain(`-A INPUT -s ${address} -j DROP`)
  })

  test('secrets, except one equal to a word of the format, which would corrupt the recording', async () => {
    await recordSamples([true], { samples: [facts()], hide })
    const text = await everything()
    expect(text).not.toContain('hunter2')
    expect(text).toContain('--comment "********"')
    expect(await replay(dir)).toMatchObject({ ok: true, fact: { at: at(1) } })
  })

  test('control characters', async () => {
    const runner = healthyRunner()
    withRules(
      'filter',
      'INPUT',
      '-m comment --comment "\u001b]0;owned\u0007\u001b[2J\u202e" -j ACCEPT',
    )(runner)
    runner.programs = seenArea(['evil\nnetworks.txt\u009b31m'])
    await recordSamples([true], { samples: [runner] })
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the test searches for them.
    expect(await everything()).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/)
  })
})
