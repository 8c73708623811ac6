import { mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { checks } from '../../../src/checks/index.ts'
import type { RunnerFact } from '../../../src/facts/runner.ts'
import { recordingSchema, recordingText } from '../../../src/observe/recorder/format.ts'
import { record } from '../../../src/observe/recorder/record.ts'
import { replay } from '../../../src/observe/recorder/replay.ts'
import { fakeHostAccess } from '../../support/fake-host-access.ts'
import {
  areaIn,
  bridgeOf,
  faultsIn,
  healthyRunner,
  withNetworks,
  withoutLink,
  withoutRulesOf,
  woodpeckerNetwork,
} from '../../support/runner-facts.ts'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'regguard-replay-'))
})
afterEach(() => rm(dir, { recursive: true, force: true }))

/** Records one sample of these facts. */
async function recordOne(facts: RunnerFact, outage: boolean, into = dir): Promise<void> {
  const stop = new AbortController()
  await record({
    ...{ dir: into, durationMs: 1, everyMs: 1, access: fakeHostAccess({ signal: stop.signal }) },
    observe: async () => facts,
    isOutage: () => outage,
  })
}
const runnerChecks = checks.filter(({ group }) => group === 'runner')
const findingsOf = (facts: RunnerFact) =>
  runnerChecks.flatMap((check) => faultsIn(check, facts).map((fault) => ({ id: check.id, ...fault })))

describe('a replay gives the same facts, and so the same findings', () => {
  const broken = (): RunnerFact => {
    const facts = healthyRunner()
    withoutLink(bridgeOf(woodpeckerNetwork))(facts)
    withoutRulesOf(bridgeOf('registry_default'), 'filter')(facts)
    return facts
  }
  test.each([true, false])('of the sample in the outage, else of the latest (%s)', async (outage) => {
    await recordOne(broken(), outage)
    const replayed = await replay(dir)
    if (!replayed.ok) throw new Error(replayed.why)
    expect(replayed.fact).toEqual(broken())
    expect(findingsOf(replayed.fact)).not.toEqual([])
    expect(findingsOf(replayed.fact)).toEqual(findingsOf(broken()))
    expect(replayed.from).toContain(outage ? 'at/facts.json' : 'samples/000001-')
  })

  test('of the directory of one sample', async () => {
    await recordOne(broken(), true)
    expect(await replay(join(dir, 'at'))).toMatchObject({ ok: true })
    expect(await replay(join(dir, 'before'))).toMatchObject({
      ok: false,
      why: expect.stringContaining('does not exist'),
    })
  })

  test('of any valid facts', async () => {
    const text = fc.string({ unit: 'binary', maxLength: 30 })
    const changes = fc.record({ name: text, rule: text, why: text, uid: fc.nat() })
    await fc.assert(
      fc.asyncProperty(changes, async ({ name, rule, why, uid }) => {
        const facts = healthyRunner()
        withNetworks({
          ...(areaIn(facts, 'networks').at(-1) ?? areaIn(facts, 'networks')[0]),
          name,
        } as never)(facts)
        areaIn(facts, 'rules').tables[0]?.chains[0]?.rules.push(rule)
        facts.kernel = { seen: false, why, remedies: ['kernel-log'], applies: true }
        facts.vantage.uid = uid
        const parsed = recordingSchema.parse(JSON.parse(recordingText(facts)))
        expect(parsed.facts).toEqual(JSON.parse(JSON.stringify(facts)))
      }),
      { numRuns: 200 },
    )
  })
})

describe('anything but a recording is one clear error', () => {
  const facts = () => join(dir, 'at', 'facts.json')
  const put = async (text: string | Buffer) => {
    await mkdir(join(dir, 'at'), { recursive: true })
    await writeFile(facts(), text)
  }
  const whyOf = async (path = dir) => {
    const found = await replay(path)
    return found.ok ? undefined : found.why
  }
  test('a directory that does not exist', async () =>
    expect(await whyOf(join(dir, 'no'))).toBe('cannot be read: it does not exist'))
  test('a file', async () => {
    await put('')
    expect(await whyOf(facts())).toContain('not a directory')
  })
  test('an empty directory', async () =>
    expect(await whyOf()).toBe('is not a recording: it has neither at/facts.json nor samples'))
  test.each([
    ['', 'is damaged: at/facts.json is not JSON'],
    ['{"format":', 'is damaged: at/facts.json is not JSON'],
    ['[]', "is not a recording: at/facts.json is not one of regguard's"],
    ['{"format":"something else","version":1}', "is not a recording: at/facts.json is not one of regguard's"],
    [
      '{"format":"regguard recording","version":3,"facts":{}}',
      'has recording format 3; this version of regguard reads formats 1 to 2',
    ],
    ['{"format":"regguard recording","version":1}', 'is damaged: at/facts.json: facts: '],
  ])('%j', async (text, why) => {
    await put(text)
    expect(await whyOf()).toContain(why)
  })
  test('one with an invalid field says which', async () => {
    const whole = recordingText(healthyRunner())
    await put(whole.replace('"uid":0', '"uid":"root"'))
    expect(await whyOf()).toMatch(/^is damaged: at\/facts\.json: facts\.vantage\.uid: /)
  })
  test('a truncated sample, or one that is not gzip', async () => {
    await recordOne(healthyRunner(), false)
    const [name = ''] = await readdir(join(dir, 'samples'))
    const sample = join(dir, 'samples', name)
    const data = await readFile(sample)
    for (const bad of [data.subarray(0, 100), Buffer.from('not gzip'), Buffer.alloc(0)]) {
      await writeFile(sample, bad)
      expect(await whyOf()).toMatch(/damaged/)
    }
    await writeFile(sample, gzipSync('{}'))
    expect(await whyOf()).toBe(`is not a recording: samples/${name} is not one of regguard's`)
  })
  test('any text', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.json(), fc.string({ unit: 'binary' })), async (text) => {
        await put(text)
        expect(await whyOf()).toMatch(/^is (?:damaged|not a recording): at\/facts\.json/)
      }),
      { numRuns: 100 },
    )
  })
  test('one of more than 256 MiB, before it is read', async () => {
    await recordOne(healthyRunner(), false)
    const [name = ''] = await readdir(join(dir, 'samples'))
    const sample = join(dir, 'samples', name)
    // Files with a hole: zeros, which are not gzip.
    await truncate(sample, 0)
    await truncate(sample, 256 * 1024 * 1024)
    expect(await whyOf()).toContain('cannot be decompressed')
    await truncate(sample, 256 * 1024 * 1024 + 1)
    expect(await whyOf()).toBe(`is not a recording: samples/${name} is too large`)
  })
  test('one that decompresses to more than the limit', async () => {
    await recordOne(healthyRunner(), false)
    const [name = ''] = await readdir(join(dir, 'samples'))
    await writeFile(join(dir, 'samples', name), gzipSync(Buffer.alloc(300 * 1024 * 1024)))
    expect(await whyOf()).toBe('is damaged: a sample cannot be decompressed')
  })
})
