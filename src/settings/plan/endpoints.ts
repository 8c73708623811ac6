import type { Problem } from '../problem.ts'

/** A URL to probe. */
export interface Endpoint {
  /** As it was written, without its query, which may hold a signature. */
  text: string
  url: URL
  /** The same over plain HTTP, which is probed if TLS is not spoken; only for a bare host that may use it. */
  plain?: URL
}

/** Public registries that have nothing in common but the way to them: `endpoints: registries`. */
const registries = [
  'https://ghcr.io/v2/',
  'https://auth.docker.io/token',
  'https://registry-1.docker.io/v2/',
  'https://quay.io/v2/',
  'https://registry.k8s.io/v2/',
  'https://gcr.io/v2/',
]

const message =
  'must be an http or https URL without a password (https://registry.example.com/v2/), a host, or registries for a set of public ones'

/**
 * The endpoints of the setting: URLs; a bare host means its `/v2/`, over plain HTTP only where `mayBePlain` allows it. Each once.
 */
export function parseEndpoints(
  items: readonly string[],
  problems: Problem[],
  mayBePlain: (url: URL) => boolean = () => false,
): Endpoint[] {
  const found = items
    .flatMap((item) => (item === 'registries' ? registries : [item]))
    .flatMap((text): Endpoint[] => {
      const url = parseUrl(text)
      if (url) {
        const isBare = !text.includes('://')
        const plain = isBare && mayBePlain(url) ? { plain: new URL(url.href.replace(/^https/, 'http')) } : {}
        return [{ text: text.replace(/[?#].*$/s, ''), url, ...plain }]
      }
      problems.push({ setting: 'endpoints', value: text, message })
      return []
    })
  return [...new Map(found.map((endpoint) => [endpoint.url.href, endpoint])).values()]
}

function parseUrl(text: string): URL | undefined {
  const full = text.includes('://') ? text : `https://${text}${text.includes('/') ? '' : '/v2/'}`
  if (!/^(?:\w+:\/\/)?[^/]/.test(text) || !URL.canParse(full)) return undefined
  const url = new URL(full)
  const isPlain = url.username === '' && url.password === '' && url.port !== '0'
  const isHost = /^(?:\[[0-9a-f:.]+\]|[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?)$/i.test(url.hostname)
  return isPlain && isHost && ['http:', 'https:'].includes(url.protocol) ? url : undefined
}
