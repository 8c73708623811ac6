import type { Agent } from 'undici'
import type { Observed, Trouble } from '../../core/model.ts'
import { shownTo } from './certs-d.ts'
import type { Ask, defaultLimits, WireOptions } from './client.ts'
import { seen, stopped, trouble, troubleOf, unseen } from './failures.ts'
import { doubted, placeOf, proxyRefusal } from './plain-proxy.ts'
import { proxyAuthorization, proxyFor, proxyTrouble } from './proxy.ts'
import type { Ledger } from './request-log.ts'
import { type Reply, replyOf } from './response.ts'
import { throughShutdowns } from './shutdown.ts'

/** What every request of a run shares. */
export interface Road extends Omit<WireOptions, 'limits'> {
  agent: Agent
  ledger: Ledger
  limits: typeof defaultLimits
  count: (bytes: number) => void
  /** Alerts about client certificates with which servers ended connections, by host. */
  endings: Map<string, Trouble>
}

/** Sends one request on the road that is right for it, and waits for the headers of its answer; redirects are not followed here. */
export async function once(ask: Ask, road: Road): Promise<Observed<Reply>> {
  const host = ask.url.host
  const { agent, signal } = road
  if (signal.aborted) return unseen(stopped(host, signal))
  road.ledger.asked(host, ask.role)
  const { protocol, hostname, port } = ask.url
  const secure = protocol === 'https:'
  const proxy = proxyFor(road.env ?? {}, protocol, hostname, Number(port) || (secure ? 443 : 80))
  if (proxy && 'wrong' in proxy)
    return unseen(trouble('proxy-failed', host, 'connect', `${proxy.from} ${proxy.wrong}`))
  const plain = !secure && proxy?.url.protocol.startsWith('http') ? proxy : undefined
  try {
    const request = {
      ...placeOf(ask.url, plain),
      method: ask.method,
      headers: {
        'user-agent': road.userAgent,
        'accept-encoding': 'identity',
        ...ask.headers,
        ...ask.credentials,
        ...(plain ? { host, ...proxyAuthorization(plain) } : {}),
      },
      ...(ask.body === undefined ? {} : { body: ask.body }),
      signal,
      // undici closes an h1 connection after every HEAD unless told not to; a proxy may close it without a word, so there
      // each request has one of its own.
      reset: plain !== undefined,
    }
    const answer = await throughShutdowns(() => agent.request(request))
    const reply = replyOf(answer, host, ask.role === 'storage', road)
    road.ledger.answered(host, reply.header)
    if (!plain) return seen(reply)
    road.ledger.connected(host, {
      addresses: [],
      source: 'DNS',
      protocol: 'http',
      http2: false,
      proxy: plain.url.host,
    })
    return proxyRefusal(reply, plain) ?? seen(doubted(reply, plain))
  } catch (error) {
    if (signal.aborted) return unseen(stopped(host, signal))
    const why = await explained(timed(troubleOf(error, host, 'headers'), road.limits), road)
    // A cut passes, and is asked again; all else is the proxy's.
    return unseen(plain && why.kind !== 'connection-cut' ? proxyTrouble(plain, host, why.detail) : why)
  }
}

function timed(why: Trouble, limits: typeof defaultLimits): Trouble {
  if (why.kind !== 'answer-timeout') return why
  return { ...why, detail: `the request was sent, and no answer came in ${limits.headersMs / 1000} s` }
}

/** A connection that closed for a TLS alert, which came beside the request: the alert says why. */
async function explained(why: Trouble, { endings, certsRoot }: Road): Promise<Trouble> {
  const cause = (why.kind === 'connection-cut' && endings.get(why.host)) || why
  if (cause.kind !== 'tls-client-certificate') return cause
  return { ...cause, detail: await shownTo(cause.host, certsRoot) }
}
