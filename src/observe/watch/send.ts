import { skipsTlsVerify } from '../../settings/plan/insecure.ts'
import { readBody } from '../http/body.ts'
import { type HttpClient, openHttpClient } from '../http/client.ts'
import { redactedUrl } from '../http/request-log.ts'
import type { WatchAccess } from './client.ts'

/** What others are told after a run must not hold up the next one. */
const limitMs = 10_000
const maxAnswerBytes = 4096

/**
 * Sends the metrics of a registry to a Pushgateway. PUT replaces the whole group: with POST, what is no longer true would stay.
 * Returns why it failed.
 */
export function pushMetrics(
  access: WatchAccess,
  { gateway, job, registry, shard }: { gateway: URL; job: string; registry: string; shard?: number },
  text: string,
): Promise<string | undefined> {
  const group = [
    ['job', job],
    ['instance', registry],
    ...(shard === undefined ? [] : [['shard', String(shard)]]),
  ].map(([name = '', value = '']) => grouping(name, value))
  const url = new URL(`${gateway.pathname.replace(/\/+$/, '')}/metrics/${group.join('/')}`, gateway)
  return send(access, 'PUT', url, text)
}

/** A value may hold a slash, or be empty: then it is sent in base64 (README of the Pushgateway, "URL"). */
function grouping(name: string, value: string): string {
  if (/^[\w.:-]+$/.test(value)) return `${name}/${value}`
  return `${name}@base64/${Buffer.from(value).toString('base64url') || '='}`
}

/** Requests the URL of a heartbeat. Returns why that failed. */
export const sendHeartbeat = (access: WatchAccess, url: URL): Promise<string | undefined> =>
  send(access, 'GET', url)

async function send(
  access: WatchAccess,
  method: 'GET' | 'PUT',
  url: URL,
  body?: string,
): Promise<string | undefined> {
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
    if (!response.seen) return response.why.detail
    const { status } = response.value
    const answer = (await readBody(response.value, maxAnswerBytes)).bytes.toString('utf8').trim()
    if (status >= 200 && status < 300) return undefined
    return `${redactedUrl(method === 'PUT' ? target : new URL('/', target))} answered ${status}${answer && `: ${answer.split('\n')[0]?.slice(0, 300)}`}`
  } catch (error) {
    // Whatever it is, it must not end the watch.
    return error instanceof Error ? error.message : String(error)
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
