import type { Answer } from '../../../src/oci/runtimes/legs.ts'

/** What a site does with requests for a host name. */
type Behaviour =
  /** A registry with the image, which asks for a token of `realm` where that is set, and redirects blobs to `storage`. */
  | { kind: 'registry'; realm?: string; storage?: string }
  /** A registry that has nothing, or an ingress without a route to one. */
  | { kind: 'empty' }
  | { kind: 'status'; status: number }
  | { kind: 'token' }
  /** Blobs behind a redirect. */
  | { kind: 'storage' }

/** A server at one address: what it does for each host name, and for all others. */
export type Site = {
  address: string
  port: number
  /** The names of its certificate; for all other names it shows one that nobody trusts. Plain HTTP where absent. */
  tls?: string[]
  hosts: Record<string, Behaviour>
  otherwise: Behaviour
}

/** A request as a site sees it. */
export type SeenRequest = { method: string; path: string; host: string; authorized: boolean }

/** The content of the image, by the path below its repository. */
export type Content = Record<string, { mediaType: string; digest: string; body: string }>

/** What a site answers: the part that decides what a client does, and the body. */
export type SiteAnswer = {
  answer: Extract<Answer, { status: number }>
  found?: Content[string]
  body?: string
}

/** The answer of a site. The server in the namespace and the prediction both ask here. */
export function answerOf(site: Site, { path, host, authorized }: SeenRequest, content: Content): SiteAnswer {
  const behaviour = site.hosts[host.replace(/:\d+$/, '')] ?? site.hosts[host] ?? site.otherwise
  const { pathname } = new URL(path, 'http://site')
  if (behaviour.kind === 'status') return { answer: { status: behaviour.status } }
  if (behaviour.kind === 'token') return { answer: { status: 200 }, body: '{"token":"t","access_token":"t"}' }
  const object = /\/(manifests\/[^/]+|blobs\/[^/]+)$/.exec(pathname)?.[1]
  const found = object === undefined ? undefined : content[object]
  if (behaviour.kind === 'storage') return found ? { answer: { status: 200 }, found } : missing
  if (behaviour.kind === 'empty') return missing
  const { realm, storage } = behaviour
  if (realm !== undefined && !authorized)
    return { answer: { status: 401, challenge: { realm, service: 'lab' } } }
  if (/^\/v2\/?$/.test(pathname)) return { answer: { status: 200 }, body: '{}' }
  if (!found) return missing
  if (storage !== undefined && object?.startsWith('blobs/'))
    return { answer: { status: 307, location: `${storage}/${object}` } }
  return { answer: { status: 200 }, found }
}

const missing: SiteAnswer = { answer: { status: 404 } }
