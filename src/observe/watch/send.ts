import * as z from 'zod'
import { skipsTlsVerify } from '../../settings/plan/insecure.ts'
import { readBody } from '../http/body.ts'
import { type HttpClient, openHttpClient } from '../http/client.ts'
import { redactedUrl } from '../http/request-log.ts'
import type { WatchAccess } from './client.ts'

/** What others are told after a run must not hold up the next one. */
const limitMs = 10_000
const maxAnswerBytes = 4096
/** The list of a Pushgateway has every metric of every group. */
const maxGroupsBytes = 16 * 1024 * 1024

/** The group of a Pushgateway that a watch writes to: one of each registry and part. */
export interface PushGroup {
  gateway: URL
  job: string
  registry: string
  shard?: number
}

/**
 * Sends the metrics of a registry to a Pushgateway. PUT replaces the whole group: with POST, what is no longer true would stay.
 * Returns why it failed.
 */
export const pushMetrics = async (
  access: WatchAccess,
  group: PushGroup,
  text: string,
): Promise<string | undefined> => (await send(access, 'PUT', groupUrl(group), { body: text })).why

const groups = z.object({
  data: z.array(z.object({ labels: z.record(z.string(), z.string()) })),
})

/**
 * Removes the groups of a registry that no process writes to any more, because it is divided into fewer parts now, or not at all: a
 * Pushgateway forgets nothing, and alerts would fire for them for ever. Returns the parts that were removed, or why that failed.
 */
export async function removeOldGroups(
  access: WatchAccess,
  { gateway, job, registry }: PushGroup,
  shards: number,
): Promise<{ removed: string[]; why?: string }> {
  const listed = await send(access, 'GET', below(gateway, 'api/v1/metrics'), { maxBytes: maxGroupsBytes })
  if (listed.why !== undefined) return { removed: [], why: listed.why }
  const known = groups.safeParse(jsonOf(listed.text))
  if (!known.success) return { removed: [], why: 'its list of groups cannot be read' }
  const isOld = (shard: string | undefined) =>
    shard === undefined ? shards > 1 : shards === 1 || Number(shard) >= shards
  const old = known.data.data
    .map(({ labels: { job: itsJob, instance, shard, ...more } }) => ({ itsJob, instance, shard, more }))
    .filter(({ itsJob, instance }) => itsJob === job && instance === registry)
    .filter(({ shard, more }) => Object.keys(more).length === 0 && isOld(shard))
  for (const { shard } of old) {
    const group = { gateway, job, registry, ...(shard === undefined ? {} : { shard }) }
    const { why } = await send(access, 'DELETE', groupUrl(group))
    if (why !== undefined) return { removed: [], why }
  }
  return { removed: old.map(({ shard }) => (shard === undefined ? 'all' : `shard ${shard}`)) }
}

function groupUrl({
  gateway,
  job,
  registry,
  shard,
}: Omit<PushGroup, 'shard'> & { shard?: number | string }): URL {
  const group = [
    ['job', job],
    ['instance', registry],
    ...(shard === undefined ? [] : [['shard', String(shard)]]),
  ].map(([name = '', value = '']) => grouping(name, value))
  return below(gateway, `metrics/${group.join('/')}`)
}

const below = (gateway: URL, path: string): URL =>
  new URL(`${gateway.pathname.replace(/\/+$/, '')}/${path}`, gateway)

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A value may hold a slash, or be empty: then it is sent in base64 (README of the Pushgateway, "URL"). */
function grouping(name: string, value: string): string {
  if (/^[\w.:-]+$/.test(value)) return `${name}/${value}`
  return `${name}@base64/${Buffer.from(value).toString('base64url') || '='}`
}

/** Requests the URL of a heartbeat. Returns why that failed. */
export const sendHeartbeat = async (access: WatchAccess, url: URL): Promise<string | undefined> =>
  (await send(access, 'GET', url, { isSecret: true })).why

async function send(
  access: WatchAccess,
  method: 'GET' | 'PUT' | 'DELETE',
  url: URL,
  {
    body,
    maxBytes = maxAnswerBytes,
    isSecret = false,
  }: { body?: string; maxBytes?: number; isSecret?: boolean } = {},
): Promise<{ text: string; why?: string }> {
  const client = open(access)
  const { username, password } = url
  const target = new URL(url)
  target.username = ''
  target.password = ''
  try {
    const login = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
    const response = await client.send({
      ...{ url: target, method, role: 'registry' },
      headers: body === undefined ? {} : { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' },
      ...(username || password
        ? { credentials: { authorization: `Basic ${Buffer.from(login).toString('base64')}` } }
        : {}),
      ...(body === undefined ? {} : { body }),
    })
    if (!response.seen) return { text: '', why: response.why.detail }
    const { status } = response.value
    const text = (await readBody(response.value, maxBytes)).bytes.toString('utf8').trim()
    if (status >= 200 && status < 300) return { text }
    const answer = text.split('\n')[0]?.slice(0, 300) ?? ''
    const shown = redactedUrl(isSecret ? new URL('/', target) : target)
    return { text, why: `${shown} answered ${status}${answer && `: ${answer}`}` }
  } catch (error) {
    // Whatever it is, it must not end the watch.
    return { text: '', why: error instanceof Error ? error.message : String(error) }
  } finally {
    await client.close()
  }
}

const open = ({ settings, authorities, certsRoot, env, version, now }: WatchAccess): HttpClient =>
  openHttpClient({
    ...{ authorities, certsRoot, env, now, connections: 1, userAgent: `regguard/${version}` },
    signal: AbortSignal.timeout(limitMs),
    skipTlsVerify: (host) => skipsTlsVerify(settings, host),
  })
