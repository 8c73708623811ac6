import {
  contentsOf,
  type Image,
  image,
  multiPlatform,
  randomLayer,
} from '../../../src/fake-registry/images/images.ts'
import type { EmbeddedRegistry, Fault } from '../../../src/fake-registry/registry.ts'

/** Somebody who may pull, and what a run is told of them. */
export const users = { ann: 's3cret:with/colon' }
export const login = { username: 'ann', password: users.ann }

/** Pushes a healthy image of two platforms as `app:1`, with 8 layers each. */
export function pushApp(registry: EmbeddedRegistry, name = 'app'): string {
  registry.store.push(name, multiPlatform({ layersPer: 8 }).contents, '1')
  return `${registry.host}/${name}:1`
}

/** Pushes one image of one layer. */
export function pushSmall(registry: EmbeddedRegistry, name = 'app'): { reference: string; image: Image } {
  const small = image('linux/amd64', { layers: [randomLayer({ bytes: 2000, seed: name })] })
  registry.store.push(name, contentsOf(small), '1')
  return { reference: `${registry.host}/${name}:1`, image: small }
}

/** A 401 with a challenge of the given words; without words, without a challenge. */
export const challenging = (...challenges: string[]): Fault => ({
  status: 401,
  body: { errors: [{ code: 'UNAUTHORIZED', message: 'authentication required' }] },
  ...(challenges.length > 0 && { headers: { 'www-authenticate': challenges } }),
})

/** How often a registry was asked for a token. */
export const tokenRequests = ({ requests }: EmbeddedRegistry): number =>
  requests.filter(({ path }) => /^(\/v2)?\/token\b/.test(path)).length
