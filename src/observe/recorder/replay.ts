import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import * as z from 'zod'
import type { RunnerFact } from '../../facts/runner.ts'
import { parts } from './directory.ts'
import { codeOf, wordsFor } from './disk.ts'
import { anyVersionSchema, formatVersion, recordingSchema, upgraded } from './format.ts'
import { sampleNames } from './ring.ts'

export type Replay = { ok: true; fact: RunnerFact; from: string } | { ok: false; why: string }

const decompress = promisify(gunzip)
/** The facts of a host with 50,000 rules are 8 MB. */
const sizeLimit = 256 * 1024 * 1024

/**
 * The facts of a recording: of the sample in which ports were dead, or of the latest. `dir` may also be one sample's
 * directory, as `recording/before`. What is damaged, or no recording, is one clear error.
 */
export async function replay(dir: string): Promise<Replay> {
  try {
    const path = await factsIn(dir)
    if (path === undefined)
      return { ok: false, why: `${dir} is no recording: it has neither ${parts.at}/facts.json nor a sample` }
    if ((await stat(path)).size > sizeLimit) return { ok: false, why: `${path} is too large for a recording` }
    const data = await readFile(path)
    const text = path.endsWith('.gz') ? await decompress(data, { maxOutputLength: sizeLimit }) : data
    return parse(text.toString('utf8'), path)
  } catch (error) {
    const code = codeOf(error)
    if (code.startsWith('Z_') || code === 'ERR_BUFFER_TOO_LARGE')
      return { ok: false, why: `a sample in ${dir} is damaged: it cannot be unpacked` }
    return { ok: false, why: `cannot read the recording ${dir}: ${wordsFor(code)}` }
  }
}

async function factsIn(dir: string): Promise<string | undefined> {
  const names = await readdir(dir)
  if (names.includes('facts.json')) return join(dir, 'facts.json')
  if (names.includes(parts.at)) return join(dir, parts.at, 'facts.json')
  const samples = names.includes(parts.samples) ? sampleNames(await readdir(join(dir, parts.samples))) : []
  const newest = samples.at(-1)
  return newest === undefined ? undefined : join(dir, parts.samples, newest)
}

function parse(text: string, path: string): Replay {
  const read = jsonOf(text)
  if (read === undefined) return { ok: false, why: `${path} is damaged: it is no JSON` }
  const value = upgraded(read)
  const named = anyVersionSchema.safeParse(value)
  if (!named.success) return { ok: false, why: `${path} is no recording of regguard` }
  if (named.data.version !== formatVersion)
    return {
      ok: false,
      why: `${path} is a recording in format ${named.data.version}; this regguard reads format ${formatVersion}`,
    }
  const { data, error } = recordingSchema.safeParse(value)
  if (data) return { ok: true, fact: data.facts, from: path }
  const [first] = error.issues
  const where = first ? z.core.toDotPath(first.path) : ''
  return { ok: false, why: `${path} is damaged: ${where}: ${first?.message ?? 'not what it should be'}` }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
