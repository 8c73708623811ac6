import { randomBytes } from 'node:crypto'
import { type HostView, hostViewSchema } from '../../../facts/runner.ts'
import type { HostAccess } from '../host-access.ts'
import type { EngineApi } from './api.ts'
import { removeContainer, removeLeftovers } from './leftovers.ts'
import { type Output, readMultiplexed } from './multiplexed.ts'
import { fieldsOf, shortText } from './response.ts'
import { inspectSelf } from './self.ts'
import { type SnapshotTimes, siblingRequest } from './sibling-request.ts'

export interface SnapshotOptions {
  api: EngineApi
  access: HostAccess
  windowMs: number
  /** After how long the sibling exits at the latest; one that does not is removed. */
  limitMs?: number
}

/** What the sibling saw, or why there is no snapshot, as part of a sentence. */
export type Snapshot = { ok: true; view: HostView } | { ok: false; why: string }

const createMs = 15_000
const startMs = 15_000
/** A hundred thousand rules are about 15 MiB. */
const outputLimit = 32 * 1024 * 1024
/** How long to wait for a sibling beyond its own limit. */
const settleMs = 2000

/**
 * Inspects the host through a sibling: one short-lived container of the image that this process runs from, in the host's
 * network and process namespaces. It is always removed; siblings of crashed runs are removed first. Only regguard's own
 * image is started: another image could do anything with CAP_NET_ADMIN on the host's network.
 */
export async function takeSnapshot({
  api,
  access,
  windowMs,
  limitMs = windowMs + 15_000,
}: SnapshotOptions): Promise<Snapshot> {
  const self = await inspectSelf(api, access)
  if (!self.ok) return self
  if (self.labels['org.opencontainers.image.title'] !== 'regguard')
    return failed(
      "this container does not run regguard's own image, and no other image is started on the host network",
    )
  await removeLeftovers(api)
  const times = { windowMs, limitMs }
  const withLog = await runSibling(api, self.image, times, true, access.signal)
  // An engine refuses a device that the host does not have.
  return !withLog.ok && withLog.why.includes('/dev/kmsg')
    ? runSibling(api, self.image, times, false, access.signal)
    : withLog
}

async function runSibling(
  api: EngineApi,
  image: string,
  times: SnapshotTimes,
  kernelLog: boolean,
  signal: AbortSignal,
): Promise<Snapshot> {
  const run = randomBytes(8).toString('hex')
  const name = `regguard-snapshot-${run}`
  if (signal.aborted) return failed('the run was stopped')
  // Not aborted when the run stops: an aborted request may still create the container.
  const created = await api.send('POST', `/containers/create?name=${name}`, {
    body: siblingRequest(image, run, times, kernelLog),
    timeoutMs: createMs,
  })
  try {
    return created.ok ? await startAndRead(api, name, times, signal) : failed(created.why)
  } finally {
    // Also after a failure without a response: the engine may have created it after the timeout.
    if (created.ok || created.status === undefined) await removeContainer(api, name)
  }
}

/** Starts the sibling and reads its output. Attaches before the start, so that nothing is missed. */
async function startAndRead(
  api: EngineApi,
  name: string,
  { limitMs }: SnapshotTimes,
  signal: AbortSignal,
): Promise<Snapshot> {
  const overdue = new AbortController()
  let timer = setTimeout(() => overdue.abort(), startMs)
  const ends = AbortSignal.any([overdue.signal, signal])
  try {
    const output = await api.stream(`/containers/${name}/attach?stream=1&stdout=1&stderr=1`, ends)
    if (!output.ok) return failed(output.why)
    const exit = api.send('POST', `/containers/${name}/wait?condition=next-exit`, {
      ...{ timeoutMs: startMs + limitMs + settleMs, signal: ends },
    })
    const reading = readMultiplexed(output.body, outputLimit)
    const started = await api.send('POST', `/containers/${name}/start`, { timeoutMs: startMs })
    clearTimeout(timer)
    timer = setTimeout(() => overdue.abort(), limitMs + settleMs)
    if (!started.ok) {
      output.body.destroy()
      return failed(started.why)
    }
    const printed = await reading
    if (signal.aborted) return failed('the run was stopped')
    if (overdue.signal.aborted)
      return failed(`the sibling was still running after ${(limitMs + settleMs) / 1000} s`)
    if (printed.end === 'too long') return failed(`the sibling printed more than ${outputLimit >> 20} MiB`)
    const view = parseView(printed)
    if (view) return { ok: true, view }
    const ended = await exit
    const code = fieldsOf(ended.ok ? ended.value : undefined).StatusCode
    return failed(`the sibling printed no snapshot; exit code ${code ?? 'unknown'}${firstLineOf(printed)}`)
  } finally {
    clearTimeout(timer)
  }
}

/** The last line of JSON, if it is a `HostView`. */
function parseView({ stdout }: Output): HostView | undefined {
  const line = stdout
    .trimEnd()
    .split('\n')
    .findLast((one) => one.startsWith('{'))
  if (line === undefined) return undefined
  try {
    return hostViewSchema.safeParse(JSON.parse(line)).data
  } catch {
    return undefined
  }
}

/** The first line of stderr, or of stdout without any, after a colon. */
function firstLineOf({ stderr, stdout }: Output): string {
  const line = shortText((stderr.trim() || stdout.trim()).split('\n')[0])
  return line === undefined ? '' : `: ${line}`
}

const failed = (why: string): { ok: false; why: string } => ({ ok: false, why })
