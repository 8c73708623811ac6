import {
  type Answer,
  type Endpoint,
  isOk,
  joinPath,
  type Leg,
  type Pull,
  type Pulled,
  type PullTarget,
  type Walked,
} from '../legs.ts'
import { followRedirects } from '../redirects.ts'
import { tokenUrl } from '../token.ts'
import type { ContainerdMajor } from './hosts-toml.ts'

/** What is sent for one object. */
type Request = Pick<Leg, 'step' | 'object' | 'method'>

/** In what programs that pull with containerd's client differ. */
export interface ContainerdRules {
  major: ContainerdMajor
  /** Whether tokens from resolving the reference are used to fetch its content. containerd itself asks again. */
  keepsTokens?: boolean
}

/**
 * The legs of a pull by containerd (remotes/docker): each object is asked of every endpoint in order until one has it. Repeated
 * attempts of the same request count as one leg. Logins are not part of it: tokens are anonymous.
 */
export function* containerdPull(
  endpoints: Endpoint[],
  target: PullTarget,
  { major, keepsTokens = false }: ContainerdRules,
): Pull {
  const scope = `repository:${target.repository}:pull`
  const byDigest = target.reference.includes(':')
  // A tag is asked only of endpoints that may resolve, a digest of all that may pull.
  const resolving = endpoints.filter(({ pulls, resolves }) => pulls && (byDigest || resolves))
  const resolver = createSession(scope, target)
  const resolved = yield* resolve(resolving, target, resolver, major)
  if (!resolved.ok) return resolved
  // It does not look at capabilities once any endpoint may pull.
  const session = keepsTokens ? resolver : createSession(scope, target)
  const objects = [
    ...target.manifests.map((digest) => ({ step: 'manifest' as const, object: `manifests/${digest}` })),
    ...target.blobs.map((digest) => ({ step: 'blob' as const, object: `blobs/${digest}` })),
  ]
  for (const object of objects) {
    const failed: Walked[] = []
    let found = false
    for (const endpoint of endpoints) {
      const last = yield* session.send(endpoint, { ...object, method: 'GET' })
      found = isOk(last.answer)
      if (found) break
      failed.push(last)
    }
    // The first failure is reported, whatever it was.
    if (!found) return outcomeOf(failed, failed[0])
  }
  return { ok: true, masked: [] }
}

function* resolve(
  endpoints: Endpoint[],
  target: PullTarget,
  session: ReturnType<typeof createSession>,
  major: ContainerdMajor,
): Pull {
  const failed: Walked[] = []
  const paths = target.reference.includes(':') ? ['manifests', 'blobs'] : ['manifests']
  for (const path of paths) {
    // 2.x asks for the blob only where every endpoint says that there is no such manifest.
    if (major === 2 && failed.some(({ answer }) => (answer.status ?? 404) !== 404)) break
    for (const endpoint of endpoints) {
      const object = `${path}/${target.reference}`
      const last = yield* session.send(endpoint, { step: 'resolve', object, method: 'HEAD' })
      if (isOk(last.answer)) return { ok: true, masked: [] }
      failed.push(last)
      // The body of a 403 has the reason, so 2.x asks for it. What comes of that is only shown.
      if (major === 2 && last.answer.status === 403)
        yield* session.send(endpoint, { step: 'resolve', object, method: 'GET' })
    }
  }
  return outcomeOf(failed, toldOf(failed, major))
}

/**
 * Which failure a pull reports when nothing resolves a reference. 1.x: the first that is not a 404. 2.x: a status other than 404
 * before a 404, and a 404 before a connection that failed.
 */
function toldOf(failed: Walked[], major: ContainerdMajor): Walked | undefined {
  const isMissing = ({ answer }: Walked) => answer.status === 404
  if (major === 1) return failed.find((one) => !isMissing(one)) ?? failed[0]
  const hasStatus = ({ answer }: Walked) => answer.status !== undefined && answer.status !== 404
  return failed.find(hasStatus) ?? failed.find(isMissing) ?? failed[0]
}

const outcomeOf = (failed: Walked[], told: Walked | undefined): Pulled => ({
  ok: false,
  ...(told ? { told } : {}),
  masked: failed.filter((one) => one !== told),
})

/** Requests that share tokens. */
function createSession(scope: string, { registry, repository }: PullTarget) {
  const authorized = new Set<string>()
  const authorizerOf = (endpoint: Endpoint) => `${ownClient(endpoint) ?? ''} ${endpoint.host}`

  function* request(endpoint: Endpoint, { step, object, method }: Request): Generator<Leg, Walked, Answer> {
    const path = `${joinPath(endpoint.path, endpoint.repository ?? repository, object)}${namespaceOf(endpoint, registry)}`
    const legOver = (scheme: Endpoint['scheme']): Leg => ({
      ...{ step, object, method, url: `${scheme}://${endpoint.host}${path}`, endpoint },
      authorized: authorized.has(authorizerOf(endpoint)),
    })
    const leg = legOver(endpoint.scheme)
    const answer = yield leg
    if (!endpoint.orHttp || !isWithoutTls(answer, endpoint)) return yield* followRedirects({ leg, answer })
    const plain = legOver('http')
    return yield* followRedirects({ leg: plain, answer: yield plain })
  }

  function* send(endpoint: Endpoint, what: Request): Generator<Leg, Walked, Answer> {
    const first = yield* request(endpoint, what)
    if (first.answer.status === 405 && what.method === 'HEAD')
      return yield* send(endpoint, { ...what, method: 'GET' })
    if (first.answer.status !== 401 || !first.answer.challenge || first.leg.authorized) return first
    const url = tokenUrl(first.answer.challenge, scope)
    const leg: Leg = {
      ...{ step: 'token', method: 'GET', url },
      object: what.object,
      endpoint,
      authorized: false,
    }
    const answer = yield leg
    const token = yield* followRedirects({ leg, answer })
    if (!isOk(token.answer)) return token
    authorized.add(authorizerOf(endpoint))
    return yield* send(endpoint, what)
  }
  return { send }
}

/** As docker.NewHTTPFallback of containerd: no TLS at that port, or, where none is named, nothing at the standard one. */
function isWithoutTls(answer: Answer, { host }: Endpoint): boolean {
  if (answer.status !== undefined) return false
  const isClosed = ['connection-refused', 'connection-timeout'].includes(answer.failure)
  return ['tls-plain-http', 'tls-timeout'].includes(answer.failure) || (isClosed && !/:\d+$/.test(host))
}

/** An endpoint with TLS settings has its own client, and with it its own tokens. */
const ownClient = ({ skipVerify, authorities, clientPairs, origin }: Endpoint): string | undefined =>
  skipVerify || authorities.length > 0 || clientPairs.length > 0 ? (origin?.key ?? 'registry') : undefined

/** Requests to any host but that of the reference say which registry is meant. */
function namespaceOf({ host }: Endpoint, registry: string): string {
  const isRegistry = host === registry || (registry === 'docker.io' && host === 'registry-1.docker.io')
  return isRegistry ? '' : `?${new URLSearchParams({ ns: registry })}`
}
