import { readdir, readFile, stat } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import * as z from 'zod'
import type { RunnerFact } from '../../facts/runner.ts'
import { entries } from './directory.ts'
import { codeOf, errorText } from './disk.ts'
import { anyVersionSchema, formatVersion, recordingSchema, upgrade } from './format.ts'
import { sampleNames } from './ring.ts'

export type Replay = { ok: true; fact: RunnerFact; from: string } | { ok: false; why: string }

const decompress = promisify(gunzip)
/** The facts of a host with 50,000 rules are 8 MB. */
const sizeLimit = 256 * 1024 * 1024

/**
 * The facts of a recording: of the first sample in the outage, else of the latest. `dir` may also be the directory of one
 * sample, such as `recording/before`. A damaged recording, or anything else, is one clear error: `why` continues a sentence about
 * the directory.
 */
export async function replay(dir: string): Promise<Replay> {
  try {
    const path = await factsPathIn(dir)
    if (path === undefined)
      return {
        ok: false,
        why: `is not a recording: it has neither ${entries.at}/facts.json nor samples`,
      }
    if ((await stat(path)).size > sizeLimit)
      return { ok: false, why: `is not a recording: ${relative(dir, path)} is too large` }
    const data = await readFile(path)
    const text = path.endsWith('.gz') ? await decompress(data, { maxOutputLength: sizeLimit }) : data
    return parse(text.toString('utf8'), path, relative(dir, path))
  } catch (error) {
    const code = codeOf(error)
    if (code.startsWith('Z_') || code === 'ERR_BUFFER_TOO_LARGE')
      return { ok: false, why: 'is damaged: a sample cannot be decompressed' }
    return { ok: false, why: `cannot be read: ${errorText(code)}` }
  }
}

async function factsPathIn(dir: string): Promise<string | undefined> {
  const names = await readdir(dir)
  if (names.includes('facts.json')) return join(dir, 'facts.json')
  if (names.includes(entries.at)) return join(dir, entries.at, 'facts.json')
  const samples = names.includes(entries.samples)
    ? sampleNames(await readdir(join(dir, entries.samples)))
    : []
  const newest = samples.at(-1)
  return newest === undefined ? undefined : join(dir, entries.samples, newest)
}

function parse(text: string, path: string, file: string): Replay {
  const json = jsonOf(text)
  if (json === undefined) return { ok: false, why: `is damaged: ${file} is not JSON` }
  const value = upgrade(json)
  const header = anyVersionSchema.safeParse(value)
  if (!header.success) return { ok: false, why: `is not a recording: ${file} is not one of regguard's` }
  if (header.data.version !== formatVersion)
    return {
      ok: false,
      why: `has recording format ${header.data.version}; this version of regguard reads formats 1 to ${formatVersion}`,
    }
  const { data, error } = recordingSchema.safeParse(value)
  if (data) return { ok: true, fact: data.facts, from: path }
  const [first] = error.issues
  const where = first ? z.core.toDotPath(first.path) : ''
  return { ok: false, why: `is damaged: ${file}: ${where}: ${first?.message ?? 'invalid value'}` }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
