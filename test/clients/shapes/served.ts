import type { Fault, Match } from '../../../src/fake-registry/registry.ts'
import type { Built } from './build.ts'
import { types } from './types.ts'

/** How a server answers for an image: faults of what is below its repository. */
export type Serving = (root: Built) => [Match, Fault[]][]

const manifests = /\/manifests\//
const blobs = /\/blobs\//
const byTag = /\/manifests\/1$/
const byDigest = (root: Built) => new RegExp(`/manifests/${root.manifest.digest}$`)

const always =
  (match: Match, ...faults: Fault[]): Serving =>
  () => [[match, faults]]

/** The answers of servers and proxies that are not those of a registry. */
export const servings: Record<string, Serving> = {
  'as a registry': () => [],
  'no Content-Type': always({ path: manifests }, { dropHeader: 'content-type' }),
  ...Object.fromEntries(
    [
      'application/json',
      'application/json; charset=utf-8',
      'text/plain; charset=utf-8',
      'text/html',
      types.octets,
      types.docker,
      types.oci,
      `${types.oci}; charset=utf-8`,
      types.ociIndex,
    ].map((type) => [
      `Content-Type ${type}`,
      always({ path: manifests }, { setHeader: { 'content-type': type } }),
    ]),
  ),
  ...Object.fromEntries(
    [404, 405, 403, 401, 400, 500, 501].map((status) => [
      `HEAD ${status}`,
      always({ method: 'HEAD', path: manifests }, { status }),
    ]),
  ),
  'HEAD 404 by tag only': always({ method: 'HEAD', path: byTag }, { status: 404 }),
  'HEAD 404 by digest only': (root) => [[{ method: 'HEAD', path: byDigest(root) }, [{ status: 404 }]]],
  '404 by digest': (root) => [[{ path: byDigest(root) }, [{ status: 404 }]]],
  'HEAD without Content-Length': always({ method: 'HEAD', path: manifests }, { contentLength: 'missing' }),
  'HEAD with Content-Length 0': always(
    { method: 'HEAD', path: manifests },
    { setHeader: { 'content-length': '0' } },
  ),
  'HEAD without Content-Type, GET with': always(
    { method: 'HEAD', path: manifests },
    { dropHeader: 'content-type' },
  ),
  'no Docker-Content-Digest': always({ path: manifests }, { dropHeader: 'docker-content-digest' }),
  'Docker-Content-Digest of something else': always(
    { path: manifests },
    { setHeader: { 'docker-content-digest': `sha256:${'1'.repeat(64)}` } },
  ),
  'blobs by HEAD 404': always({ method: 'HEAD', path: blobs }, { status: 404 }),
  'blobs without Content-Length': always({ path: blobs }, { contentLength: 'missing' }),
  'blobs as text/html': always({ path: blobs }, { setHeader: { 'content-type': 'text/html' } }),
}
