import { randomBytes } from 'node:crypto'
import { type HostView, hostViewSchema } from '../../../facts/runner.ts'
import type { HostAccess } from '../host-access.ts'
import { record, short } from './answer.ts'
import type { EngineApi } from './api.ts'
import { removeContainer, removeLeftovers } from './leftovers.ts'
import { type Output, readMultiplexed } from './multiplexed.ts'
import { inspectSelf } from './self.ts'
import { type SnapshotTimes, siblingRequest } from './sibling-request.ts'

export interface SnapshotOptions {
  api: EngineApi
  access: HostAccess
  windowMs: number
  /** The longest a sibling may live; it is told so, and removed when it does not obey. */
  limitMs?: number
}

/** What the sibling saw; or what became of it, as part of a sentence. */
export type Snapshot = { ok: true; view: HostView } | { ok: false; why: string }

const createMs = 15_000
const startMs = 15_000
/** A hundred thousand rules are about 15 MiB. */
const outputLimit = 32 * 1024 * 1024
/** How long after its own limit a sibling is waited for. */
const settleMs = 2000

/**
 * Looks at the host through a sibling: one short-lived container of the image that this process runs from, in the host's
 * network and process namespaces. It is removed whatever happens; siblings of runs that crashed are removed before.
 * Only regguard's own image is started: nobody could say what another does with a network administrator's rights.
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
    return failed("this container's image is not regguard's own, and no other is started beside the host")
  await removeLeftovers(api)
  const times = { windowMs, limitMs }
  const withLog = await runSibling(api, self.image, times, true, access.signal)
  // Engines start no container with a device that the host lacks.
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
  // Not tied to the run's end: a request that is given up may still make a container.
  const created = await api.send('POST', `/containers/create?name=${name}`, {
    body: siblingRequest(image, run, times, kernelLog),
    timeoutMs: createMs,
  })
  try {
    return created.ok ? await listen(api, name, times, signal) : failed(created.why)
  } finally {
    // Also where creating it seems to have failed: an answer that did not come in time is no proof.
    if (created.ok || created.status === undefined) await removeContainer(api, name)
  }
}

/** Starts it and reads what it prints. The reading begins first, so that nothing is missed. */
async function listen(
  api: EngineApi,
  name: string,
  { limitMs }: SnapshotTimes,
  signal: AbortSignal,
): Promise<Snapshot> {
  const late = new AbortController()
  let timer = setTimeout(() => late.abort(), startMs)
  const ending = AbortSignal.any([late.signal, signal])
  try {
    const output = await api.stream(`/containers/${name}/attach?stream=1&stdout=1&stderr=1`, ending)
    if (!output.ok) return failed(output.why)
    const exit = api.send('POST', `/containers/${name}/wait?condition=next-exit`, {
      ...{ timeoutMs: startMs + limitMs + settleMs, signal: ending },
    })
    const reading = readMultiplexed(output.body, outputLimit)
    const started = await api.send('POST', `/containers/${name}/start`, { timeoutMs: startMs })
    clearTimeout(timer)
    timer = setTimeout(() => late.abort(), limitMs + settleMs)
    if (!started.ok) {
      output.body.destroy()
      return failed(started.why)
    }
    const printed = await reading
    if (signal.aborted) return failed('the run was stopped')
    if (late.signal.aborted) return failed(`it had not ended after ${(limitMs + settleMs) / 1000} s`)
    if (printed.end === 'too long') return failed(`it printed more than ${outputLimit >> 20} MiB`)
    const view = viewIn(printed)
    if (view) return { ok: true, view }
    const ended = await exit
    const code = record(ended.ok ? ended.value : undefined).StatusCode
    return failed(`it printed no snapshot and ended with exit code ${code ?? 'unknown'}${said(printed)}`)
  } finally {
    clearTimeout(timer)
  }
}

/** Its last line that is JSON, if it is a view. */
function viewIn({ stdout }: Output): HostView | undefined {
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

/** The first line of what it complained of. */
function said({ stderr, stdout }: Output): string {
  const line = short((stderr.trim() || stdout.trim()).split('\n')[0])
  return line === undefined ? '' : `: ${line}`
}

const failed = (why: string): { ok: false; why: string } => ({ ok: false, why })
