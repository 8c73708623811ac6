import { Agent } from 'undici'
import * as z from 'zod'
import { type NodeView, probeLabel, type ViewReport, type ViewsFact } from '../../facts/cluster/views.ts'
import { legSchema } from '../../facts/path/leg.ts'
import { machineSchema } from '../../facts/path/machine.ts'
import { type ProbePod, readProbePod } from '../../facts/queries/cluster/probe-pods.ts'
import { bodyOf } from '../http/body-text.ts'
import type { ClusterApi } from './api.ts'
import { listAll } from './list.ts'

/** Two views of a thousand nodes. */
const maxViews = 2000
/** A report of 20 endpoints has about 100 KB. */
const maxBytes = 2 * 1024 * 1024
const [connectMs, answerMs] = [3000, 10_000]
const atOnce = 16

/** No run of a probe lasts longer; more would be no time. */
const maxRunMs = 7 * 24 * 3_600_000

/** Names of hosts get into commands that a finding gives: nothing else passes for one. */
const readLeg = legSchema.refine(({ host }) => /^[\w.:[\]-]{1,300}$/.test(host))

/** What is read of the JSON of `report_json`, whichever version of regguard wrote it. */
const reportSchema = z.object({
  tool: z.object({ name: z.literal('regguard') }),
  startedAt: z.iso.datetime(),
  durationMs: z.number().min(0).max(maxRunMs),
  legs: z.array(readLeg).max(500).optional(),
  machine: machineSchema.optional(),
})

type Read = Pick<NodeView, 'report' | 'why' | 'isForbidden'>

/**
 * Reads the reports of the probes in a namespace. From inside of the cluster, each is asked at its own address, which needs no right; else,
 * and where that fails, through the API server.
 */
export async function readViews(
  api: ClusterApi,
  {
    namespace,
    isInside,
    signal,
    limitMs = answerMs,
  }: { namespace: string; isInside: boolean; signal: AbortSignal; limitMs?: number },
): Promise<ViewsFact> {
  let pods: ProbePod[] = []
  let more = 0
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods`
  const listed = await listAll(
    api,
    path,
    { labelSelector: probeLabel },
    {
      start: () => {
        pods = []
        more = 0
      },
      item: (item) => {
        const pod = readProbePod(item)
        if (pod && pods.length < maxViews) pods.push(pod)
        else if (pod) more += 1
      },
    },
  )
  if (!listed.ok) return { namespace, failure: listed.failure, views: [], more: 0 }
  const agent = new Agent({
    connect: { timeout: connectMs },
    headersTimeout: answerMs,
    bodyTimeout: answerMs,
  })
  const read = async ({ node, kind, pod, at }: ProbePod): Promise<NodeView> => {
    const found =
      'why' in at
        ? at
        : await readReport(at, {
            direct: isInside
              ? () => direct(agent, at, AbortSignal.any([signal, AbortSignal.timeout(limitMs)]))
              : undefined,
            proxied: () => api.get(`${path}/${pod}:${at.port}/proxy/report`, {}, { maxBytes }),
          })
    return { node, kind, pod, ...found }
  }
  try {
    return { namespace, views: await inTurns(pods, read), more }
  } finally {
    await agent.destroy()
  }
}

async function readReport(
  { address, port }: { address: string; port: number },
  ways: {
    direct: (() => Promise<{ value: unknown } | { why: string }>) | undefined
    proxied: () => ReturnType<ClusterApi['get']>
  },
): Promise<Read> {
  const first = await ways.direct?.()
  if (first && 'value' in first) return reportOf(first.value)
  const second = await ways.proxied()
  if (second.ok) return reportOf(second.value)
  const { kind, why } = second.failure
  return {
    why: [...(first ? [`${address}:${port}: ${first.why}`] : []), `through the API server: ${why}`].join(
      '; ',
    ),
    ...(kind === 'forbidden' ? { isForbidden: true as const } : {}),
  }
}

/** What a probe serves is input like any other: what is no report is not read. */
function reportOf(value: unknown): Read {
  const read = reportSchema.safeParse(value)
  if (!read.success) return { why: 'what it serves is no report of regguard' }
  const { startedAt, durationMs, legs = [], machine } = read.data
  const report: ViewReport = {
    ...{ at: Date.parse(startedAt) + durationMs, legs },
    ...(machine ? { machine } : {}),
  }
  return { report }
}

async function direct(
  agent: Agent,
  { address, port }: { address: string; port: number },
  signal: AbortSignal,
): Promise<{ value: unknown } | { why: string }> {
  const host = address.includes(':') ? `[${address}]` : address
  try {
    const { statusCode, body } = await agent.request({
      ...{ origin: `http://${host}:${port}`, path: '/report', method: 'GET', signal },
    })
    const text = await bodyOf(body, maxBytes)
    if (statusCode === 503) return { why: 'its first run has not ended' }
    if (statusCode !== 200) return { why: `HTTP ${statusCode}` }
    if (text === undefined) return { why: 'its report is too large' }
    return { value: JSON.parse(text) }
  } catch (error) {
    if (error instanceof SyntaxError) return { value: undefined }
    return {
      why: error instanceof Error && 'code' in error ? `no answer (${String(error.code)})` : 'no answer',
    }
  }
}

/** A few at once, in the order of the items. */
async function inTurns<T, R>(items: readonly T[], task: (item: T) => Promise<R>): Promise<R[]> {
  const results = new Map<number, R>()
  let next = 0
  const work = async () => {
    while (next < items.length) {
      const at = next
      next += 1
      results.set(at, await task(items[at] as T))
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, work))
  return items.flatMap((_, at) => results.get(at) ?? [])
}
