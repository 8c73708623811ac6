import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import * as z from 'zod'
import {
  type RunnerHistory,
  type RunnerSample,
  runnerHistory,
  sampleSchema,
} from '../../facts/runner-history.ts'
import { entries } from './directory.ts'
import { upgrade } from './format.ts'
import { sampleNames } from './ring.ts'

const decompress = promisify(gunzip)
/** An hour of samples, of which so much text is read: a host with many rules has samples of megabytes. */
const [maxSamples, maxBytes] = [720, 256 * 1024 * 1024]

const fileSchema = z.object({ facts: sampleSchema })

/**
 * What happened over the samples of a recording, the latest first while there is room; undefined for a single sample. A damaged sample
 * is left out: the one that is replayed is read for itself.
 */
export async function readHistory(dir: string): Promise<RunnerHistory | undefined> {
  const samples: RunnerSample[] = []
  let left = maxBytes
  for (const path of await pathsIn(dir)) {
    const text = await textOf(join(dir, path), left)
    left -= text.length
    const sample = sampleIn(text)
    if (sample) samples.push(sample)
  }
  return samples.length > 1 ? runnerHistory(samples) : undefined
}

/** The samples around an outage, then the latest. */
async function pathsIn(dir: string): Promise<string[]> {
  const names = await namesIn(dir)
  const kept = [entries.at, entries.before, entries.after].filter((name) => names.includes(name))
  const latest = names.includes(entries.samples) ? sampleNames(await namesIn(join(dir, entries.samples))) : []
  return [
    ...kept.map((name) => join(name, 'facts.json')),
    ...latest
      .slice(-maxSamples)
      .reverse()
      .map((name) => join(entries.samples, name)),
  ]
}

const namesIn = (dir: string): Promise<string[]> => readdir(dir).catch(() => [])

/** Empty where it cannot be read, or is longer than the room that is left. */
async function textOf(path: string, room: number): Promise<string> {
  if (room <= 0) return ''
  try {
    const data = await readFile(path)
    const text = path.endsWith('.gz') ? await decompress(data, { maxOutputLength: room }) : data
    return text.length > room ? '' : text.toString('utf8')
  } catch {
    return ''
  }
}

function sampleIn(text: string): RunnerSample | undefined {
  if (text === '') return undefined
  try {
    return fileSchema.safeParse(upgrade(JSON.parse(text))).data?.facts
  } catch {
    return undefined
  }
}
