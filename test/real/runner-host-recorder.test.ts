import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { recordingSchema } from '../../src/observe/recorder/format.ts'
import { type Recording, record } from '../../src/observe/recorder/record.ts'
import { replay } from '../../src/observe/recorder/replay.ts'
import { fakeHostAccess } from '../support/fake-host-access.ts'
import { suiteNeeds } from '../support/need.ts'
import { startProgram } from '../support/program.ts'
import { healthyRunner, withRules } from '../support/runner-facts.ts'

const script = fileURLToPath(new URL('../support/record-samples.ts', import.meta.url))

suiteNeeds(['mount', 'umount'])('a recorder that is interrupted', () => {
  let parent: string
  beforeAll(async () => {
    parent = await mkdtemp(join(tmpdir(), 'regguard-recorder-'))
  })
  afterAll(() => rm(parent, { recursive: true, force: true }))

  /** Checks that every file of a recording that is not marked as partial is complete. */
  async function expectComplete(dir: string): Promise<number> {
    const entries = await readdir(dir, { recursive: true, withFileTypes: true })
    const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
    const finished = paths.filter((path) => !path.includes('.partial'))
    for (const path of finished) {
      const data = await readFile(path)
      const text = path.endsWith('.gz') ? gunzipSync(data).toString() : data.toString()
      if (/\.json(?:\.gz)?$/.test(path)) recordingSchema.parse(JSON.parse(text))
      else expect(text, path).toMatch(/\n$/)
    }
    for (const part of ['before', 'at', 'after'])
      if (paths.some((path) => path.startsWith(`${join(dir, part)}/`)))
        expect(await readdir(join(dir, part)), part).toHaveLength(6)
    return finished.length
  }

  /** How many samples were taken; older ones make room. */
  const samplesIn = async (dir: string) =>
    Math.max(
      0,
      ...(await readdir(join(dir, 'samples')).catch(() => [])).map((name) => Number.parseInt(name, 10)),
    )

  test('killed at any moment: its files are complete and can be replayed', async () => {
    for (let round = 0; round < 8; round += 1) {
      const dir = join(parent, `killed-${round}`)
      const recorder = await startProgram([process.execPath, script, dir, '1'], {
        name: 'the recorder',
        ready: async () => (await samplesIn(dir)) > 3 + 7 * round,
        stopWith: 'SIGKILL',
      })
      await recorder.stop()
      expect(await expectComplete(dir)).toBeGreaterThan(3)
      expect(await replay(dir)).toMatchObject({ ok: true })
    }
  }, 120_000)

  test('stopped with SIGTERM: it ends at once, and the page says so', async () => {
    const dir = join(parent, 'stopped')
    const recorder = await startProgram([process.execPath, script, dir, '10000'], {
      name: 'the recorder',
      ready: async () => (await samplesIn(dir)) > 0,
    })
    await recorder.stop()
    const result = JSON.parse(recorder.stdout()) as Recording
    expect(result).toMatchObject({ ok: true, samples: 1, stopped: true, writeErrors: [] })
    expect(await readFile(join(dir, 'index.md'), 'utf8')).toContain('stopped by a signal')
    await expectComplete(dir)
  })

  /** Runs a function with a small tmpfs mounted at a directory. */
  async function onTmpfs<T>(options: string, use: (dir: string) => Promise<T>): Promise<T> {
    const dir = join(parent, 'mounted')
    await mkdir(dir, { recursive: true })
    await execa('mount', ['-t', 'tmpfs', '-o', options, 'regguard-test', dir])
    try {
      return await use(dir)
    } finally {
      await execa('umount', [dir])
    }
  }
  const sampleOf = (size: number) => {
    const facts = healthyRunner()
    const noise = () => Array.from({ length: 8 }, () => Math.random().toString(36).slice(2)).join('')
    withRules(
      'filter',
      'INPUT',
      ...Array.from({ length: size }, () => `-m comment --comment "${noise()}" -j DROP`),
    )(facts)
    return { ...facts, at: Date.now() }
  }
  /** Records samples, one of them in an outage. */
  async function recordTo(
    dir: string,
    { size, samples, outageAt }: { size: number; samples: number; outageAt: number },
  ) {
    const stop = new AbortController()
    let taken = 0
    const result = await record({
      ...{ dir, durationMs: 60_000, everyMs: 1, access: fakeHostAccess({ signal: stop.signal }) },
      observe: async () => {
        taken += 1
        if (taken > samples) stop.abort()
        return sampleOf(size)
      },
      isOutage: () => taken === outageAt,
    })
    if (!result.ok) throw new Error(result.why)
    return result
  }

  test('a read-only file system is reported before the first sample', async () => {
    await onTmpfs('ro,size=1m', async (dir) => {
      const result = await record({
        ...{
          dir: join(dir, 'recording'),
          durationMs: 1,
          access: fakeHostAccess({}),
          isOutage: () => false,
        },
        observe: () => Promise.reject(new Error('no sample may be taken')),
      })
      expect(result).toEqual({
        ok: false,
        why: 'cannot hold a recording: the file system is read-only',
      })
    })
  })

  test('a disk that fills up: older samples are removed for newer ones and for the outage', async () => {
    await onTmpfs('size=400k', async (dir) => {
      const result = await recordTo(dir, { size: 100, samples: 60, outageAt: 50 })
      expect(result).toMatchObject({ samples: 60, outageSamples: 1 })
      expect(result.incident?.before).toBeDefined()
      await expectComplete(dir)
      expect(await replay(dir)).toMatchObject({ ok: true, from: join(dir, 'at', 'facts.json') })
    })
  })

  test('a disk that is too small for one sample: reported once, and the recording continues', async () => {
    await onTmpfs('size=40k', async (dir) => {
      const result = await recordTo(dir, { size: 2000, samples: 5, outageAt: 3 })
      expect(result).toMatchObject({
        samples: 5,
        outageSamples: 1,
        writeErrors: [`could not write to ${dir}: the disk is full`],
      })
      expect(await readFile(join(dir, 'index.md'), 'utf8')).toContain('write error: could not write')
      await expectComplete(dir)
    })
  })
})
