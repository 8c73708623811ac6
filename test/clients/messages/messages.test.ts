import { readFile, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parsePull } from '../../../src/facts/cluster/messages/parse.ts'
import { findGoClient, hasGo } from '../../support/go-programs.ts'
import { findProgram, suiteNeeds } from '../../support/need.ts'
import { suiteWithout } from '../../support/suite.ts'
import { type Pull, pullLimitMs } from '../pull/client.ts'
import { startContainerd } from '../pull/containerd.ts'
import { startDocker } from '../pull/docker.ts'
import { expectedOf, faults, sometimesOf } from './faults.ts'
import { type MessageLab, messageLabPrograms, startMessageLab } from './lab.ts'

/** A runtime in the lab. */
interface Runtime {
  version: string
  pull: (reference: string) => Promise<Pull>
  stop: () => Promise<unknown>
}

type Find = (name: string) => string | undefined
interface Source {
  id: string
  programs: string[]
  find: Find
  start: (lab: MessageLab, found: Record<string, string>) => Promise<Runtime>
}

const containerd = (id: string, find: Find, flags: string[] = []): Source => ({
  ...{ id, find, programs: ['containerd', 'ctr'] },
  start: async ({ within }, found) => {
    const client = await startContainerd({
      ...{ id, name: 'containerd', containerd: found.containerd ?? '', ctr: found.ctr ?? '', within },
    })
    const images = within([
      found.ctr ?? '',
      '--address',
      client.socket,
      'images',
      'pull',
      '--snapshotter',
      'native',
    ])
    return { ...client, pull: (reference) => printed([...images, ...flags, reference], /^ctr: /m) }
  },
})
const docker = (id: string, find: Find, flags: string[]): Source => ({
  ...{ id, find, programs: ['dockerd', 'containerd'] },
  start: ({ within }, found) =>
    startDocker({
      ...{ id, name: 'Docker', dockerd: found.dockerd ?? '', containerd: dirname(found.containerd ?? '') },
      ...{ flags: [...flags, '--max-download-attempts=1'], within },
    }),
})

const sources: Source[] = [
  containerd('containerd-1', findProgram),
  containerd('containerd-2', findGoClient),
  containerd('containerd-2-local', findGoClient, ['--local']),
  docker('docker-20', findProgram, ['--storage-driver=vfs']),
  docker('docker-29', findGoClient, ['--storage-driver=vfs', '--feature=containerd-snapshotter=false']),
  docker('docker-29-store', findGoClient, [
    '--storage-driver=native',
    '--feature=containerd-snapshotter=true',
  ]),
]

/** Runs a client, and takes all that it prints after this mark for the reason: some reasons have several lines. */
async function printed([file = '', ...args]: string[], begin: RegExp): Promise<Pull> {
  const done = await execa(file, args, { reject: false, stdin: 'ignore', timeout: pullLimitMs })
  if (done.timedOut) throw new Error(done.shortMessage)
  if (done.exitCode === 0) return { ok: true }
  const [, ...parts] = done.stderr.split(begin)
  return { ok: false, error: parts.join('').trim() || done.stderr.trim() }
}

const file = new URL('../../support/cluster/runtime-messages.json', import.meta.url)

for (const { id, programs, find, start } of sources) {
  const found = Object.fromEntries(programs.map((name) => [name, find(name) ?? '']))
  const isThere = Object.values(found).every((path) => path !== '')
  const suite =
    find === findProgram
      ? suiteNeeds([...messageLabPrograms, ...programs])
      : isThere
        ? suiteNeeds(messageLabPrograms)
        : suiteWithout(`needs ${programs.join(' and ')}, which .ci/run builds where Go is installed`, {
            mustRunInCi: hasGo,
          })
  suite(`messages of ${id}`, () => {
    let lab: MessageLab
    let runtime: Runtime
    const results = new Map<string, Promise<Pull>>()
    beforeAll(async () => {
      lab = await startMessageLab(faults)
      runtime = await start(lab, found)
      // All at once: some take as long as the runtime waits.
      for (const { host } of faults) results.set(host, runtime.pull(`${host}/team/app:1`))
      await Promise.allSettled(results.values())
    }, 240_000)
    afterAll(async () => {
      await runtime?.stop()
      await lab?.stop()
    })

    test.each(faults)('$host is told apart', async ({ host }) => {
      const result = await results.get(host)
      const wanted = expectedOf(id, host)
      if (wanted === undefined || result === undefined || result.ok) {
        expect({ ok: result?.ok, wanted }).toEqual({ ok: true, wanted: undefined })
        return
      }
      const { error } = parsePull(result.error, `${host}/team/app:1`)
      const other = sometimesOf(id, host)
      const expected = error.kind === other?.kind ? other : wanted
      expect({ ...error, text: result.error }).toMatchObject({ host, ...expected })
    })

    test('its messages are the recorded ones', async () => {
      const messages: Record<string, string> = {}
      for (const { host } of faults) {
        const result = await results.get(host)
        if (result && !result.ok) messages[host] = steady(result.error)
      }
      const recorded = JSON.parse(await readFile(file, 'utf8').catch(() => '{}'))
      if (process.env.UPDATE_GOLDEN) {
        const all = { ...recorded, [id]: { version: runtime.version, messages } }
        await writeFile(file, `${JSON.stringify(all, undefined, 2)}\n`)
        return
      }
      expect(Object.keys(messages)).toEqual(Object.keys(recorded[id].messages))
    })
  })
}

/** A message without what differs from run to run. */
const steady = (message: string): string =>
  message
    .replace(/\b10\.99\.0\.(\d+):(\d{4,5})->/g, '10.99.0.$1:40000->')
    .replace(/sha256:[0-9a-f]{64}/g, (digest) =>
      digest.startsWith('sha256:e3b0c442') ? digest : `sha256:${'a'.repeat(64)}`,
    )
    .replace(/\/tmp\/[\w./-]+/g, '/tmp/…')
    .replace(
      /current time \S+ is after \S+/g,
      'current time 2026-11-30T00:00:00Z is after 2026-11-20T00:00:00Z',
    )
