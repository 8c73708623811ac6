import {
  type Answer,
  type Endpoint,
  isOk,
  joinPath,
  type Leg,
  type Pull,
  type PullTarget,
  type Walked,
} from './legs.ts'
import { followRedirects } from './redirects.ts'
import { tokenUrl } from './token.ts'

/** In what clients that ping a registry before they use it differ. */
export interface PingRules {
  /** The schemes that an endpoint is pinged with, in order. */
  schemes(endpoint: Endpoint): Endpoint['scheme'][]
  /** Whether a status of `/v2/` lets the client go on. */
  isRegistry(status: number): boolean
  /** A tag is resolved by HEAD, by GET where that fails, and its manifest is then fetched by digest. */
  resolves: boolean
  /** A registry that does not answer is asked for version 1 as well. */
  pingsV1: boolean
  /** Whether a pull goes on to the next endpoint when a blob fails. */
  changesForBlobs: boolean
}

/**
 * The legs of a pull by clients that ping each endpoint, and then fetch all of an image from the first that has its manifest. They
 * report the failure of the last endpoint.
 */
export function* pingedPull(endpoints: Endpoint[], target: PullTarget, rules: PingRules): Pull {
  const failed: Walked[] = []
  let hasManifest = false
  for (const [at, endpoint] of endpoints.entries()) {
    const source = yield* openSource(endpoint, target, rules)
    if (!source.ok) {
      failed.push(source.last)
      continue
    }
    const manifest = yield* readManifest(source.send, target, rules, hasManifest)
    if (!isOk(manifest.answer)) {
      failed.push(manifest)
      continue
    }
    hasManifest = true
    // Blobs are fetched at the same time, so one that fails does not keep another from being requested.
    let broken: Walked | undefined
    for (const digest of target.blobs) {
      const blob = yield* source.send({ step: 'blob', object: `blobs/${digest}`, method: 'GET' })
      if (!isOk(blob.answer)) broken ??= blob
    }
    if (!broken) return { ok: true, masked: [] }
    failed.push(broken)
    if (!rules.changesForBlobs || at === endpoints.length - 1) break
  }
  const told = failed.at(-1)
  return { ok: false, ...(told ? { told } : {}), masked: failed.slice(0, -1) }
}

type Request = Pick<Leg, 'step' | 'object' | 'method'>
type Send = (what: Request) => Generator<Leg, Walked, Answer>

/** A manifest that was fetched from an endpoint before is not fetched again. */
function* readManifest(
  send: Send,
  target: PullTarget,
  rules: PingRules,
  hasManifest: boolean,
): Generator<Leg, Walked, Answer> {
  const { reference, manifests } = target
  const object = `manifests/${reference}`
  if (!rules.resolves || reference.includes(':'))
    return yield* send({ step: 'manifest', object, method: 'GET' })
  const head = yield* send({ step: 'resolve', object, method: 'HEAD' })
  const resolved = isOk(head.answer) ? head : yield* send({ step: 'resolve', object, method: 'GET' })
  const [digest] = manifests
  if (!isOk(resolved.answer) || digest === undefined || hasManifest) return resolved
  return yield* send({ step: 'manifest', object: `manifests/${digest}`, method: 'GET' })
}

type Source = { ok: true; send: Send } | { ok: false; last: Walked }

/** Pings an endpoint; further requests carry the token that it asks for. */
function* openSource(
  endpoint: Endpoint,
  target: PullTarget,
  rules: PingRules,
): Generator<Leg, Source, Answer> {
  const repository = endpoint.repository ?? target.repository
  const ping = rules.schemes(endpoint).map((scheme) => `${scheme}://${endpoint.host}${endpoint.path}/`)
  let last: Walked | undefined
  for (const url of ping) {
    const leg: Leg = { step: 'ping', object: 'v2', method: 'GET', url, endpoint, authorized: false }
    last = yield* followRedirects({ leg, answer: yield leg })
    if (last.answer.status !== undefined && rules.isRegistry(last.answer.status)) break
  }
  const answer = last?.answer
  if (!last || answer?.status === undefined || !rules.isRegistry(answer.status)) {
    for (const url of rules.pingsV1 ? ping.map((one) => `${new URL(one).origin}/v1/_ping`) : [])
      yield { step: 'ping', object: 'v1', method: 'GET', url, endpoint, authorized: false }
    const leg: Leg = {
      step: 'ping',
      object: 'v2',
      method: 'GET',
      url: ping[0] ?? '',
      endpoint,
      authorized: false,
    }
    return { ok: false, last: last ?? { leg, answer: { failure: 'no scheme' } } }
  }
  const { challenge } = answer
  const root = last.leg.url.replace(/\/+$/, '')
  let token: Walked | undefined
  function* send(what: Request): Generator<Leg, Walked, Answer> {
    if (challenge && !token) {
      const url = tokenUrl(challenge, `repository:${repository}:pull`)
      const leg: Leg = { ...what, step: 'token', method: 'GET', url, endpoint, authorized: false }
      token = yield* followRedirects({ leg, answer: yield leg })
    }
    if (token && !isOk(token.answer)) return token
    const url = `${root}${joinPath(repository, what.object)}`
    const leg: Leg = { ...what, url, endpoint, authorized: token !== undefined }
    return yield* followRedirects({ leg, answer: yield leg })
  }
  return { ok: true, send }
}
