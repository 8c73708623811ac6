import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
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
  healthyRunner,
  toldOf,
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
async function recordOne(facts: RunnerFact, dead: boolean, into = dir): Promise<void> {
  const stop = new AbortController()
  await record({
    ...{ dir: into, durationMs: 1, everyMs: 1, access: fakeHostAccess({ signal: stop.signal }) },
    look: async () => facts,
    dialFailed: () => dead,
  })
}
const runnerChecks = checks.filter(({ group }) => group === 'runner')
const findingsOf = (facts: RunnerFact) =>
  runnerChecks.flatMap((check) => toldOf(check, facts).map((fault) => ({ id: check.id, ...fault })))

describe('the same facts, and so the same findings', () => {
  const broken = (): RunnerFact => {
    const facts = healthyRunner()
    withoutLink(bridgeOf(woodpeckerNetwork))(facts)
    withoutRulesOf(bridgeOf('registry_default'), 'filter')(facts)
    return facts
  }
  test.each([true, false])('of the sample with dead ports, or of the latest (%s)', async (dead) => {
    await recordOne(broken(), dead)
    const again = await replay(dir)
    if (!again.ok) throw new Error(again.why)
    expect(again.fact).toEqual(broken())
    expect(findingsOf(again.fact)).not.toEqual([])
    expect(findingsOf(again.fact)).toEqual(findingsOf(broken()))
    expect(again.from).toContain(dead ? 'at/facts.json' : 'samples/000001-')
  })

  test('of one sample that is named', async () => {
    await recordOne(broken(), true)
    expect(await replay(join(dir, 'at'))).toMatchObject({ ok: true })
    expect(await replay(join(dir, 'before'))).toMatchObject({
      ok: false,
      why: expect.stringContaining('not there'),
    })
  })

  test('of any facts that have the right form', async () => {
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

describe('what is no recording is one clear error', () => {
  const facts = () => join(dir, 'at', 'facts.json')
  const put = async (text: string | Buffer) => {
    await mkdir(join(dir, 'at'), { recursive: true })
    await writeFile(facts(), text)
  }
  const whyOf = async (path = dir) => {
    const found = await replay(path)
    return found.ok ? undefined : found.why
  }
  test('a directory that is not there', async () =>
    expect(await whyOf(join(dir, 'no'))).toBe(
      `cannot read the recording ${join(dir, 'no')}: it is not there`,
    ))
  test('a file', async () => {
    await put('')
    expect(await whyOf(facts())).toContain('no directory')
  })
  test('an empty directory', async () =>
    expect(await whyOf()).toBe(`${dir} is no recording: it has neither at/facts.json nor a sample`))
  test.each([
    ['', 'is damaged: it is no JSON'],
    ['{"format":', 'is damaged: it is no JSON'],
    ['[]', 'is no recording of regguard'],
    ['{"format":"something else","version":1}', 'is no recording of regguard'],
    [
      '{"format":"regguard recording","version":3,"facts":{}}',
      'is a recording in format 3; this regguard reads format 2',
    ],
    ['{"format":"regguard recording","version":1}', 'is damaged: facts: '],
  ])('%j', async (text, why) => {
    await put(text)
    expect(await whyOf()).toContain(`${facts()} ${why}`)
  })
  test('one with a piece cut out says where', async () => {
    const whole = recordingText(healthyRunner())
    await put(whole.replace('"uid":0', '"uid":"root"'))
    expect(await whyOf()).toMatch(/is damaged: facts\.vantage\.uid: /)
  })
  test('a sample that was cut, or is no gzip', async () => {
    await recordOne(healthyRunner(), false)
    const [name = ''] = await readdir(join(dir, 'samples'))
    const sample = join(dir, 'samples', name)
    const data = await readFile(sample)
    for (const bad of [data.subarray(0, 100), Buffer.from('no gzip'), Buffer.alloc(0)]) {
      await writeFile(sample, bad)
      expect(await whyOf()).toMatch(/damaged/)
    }
    await writeFile(sample, gzipSync('{}'))
    expect(await whyOf()).toContain('is no recording of regguard')
  })
  test('any text at all', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.json(), fc.string({ unit: 'binary' })), async (text) => {
        await put(text)
        expect(await whyOf()).toContain(facts())
      }),
      { numRuns: 100 },
    )
  })
  test('one that unpacks without end', async () => {
    await recordOne(healthyRunner(), false)
    const [name = ''] = await readdir(join(dir, 'samples'))
    await writeFile(join(dir, 'samples', name), gzipSync(Buffer.alloc(300 * 1024 * 1024)))
    expect(await whyOf()).toMatch(/damaged: it cannot be unpacked/)
  })
})
