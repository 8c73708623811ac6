import {
  contentsOf,
  type Image,
  image,
  multiPlatform,
  randomLayer,
} from '../../../src/fake-registry/images/images.ts'
import type { EmbeddedRegistry, Fault } from '../../../src/fake-registry/registry.ts'

/** The users of the test registries, and the login of one of them. */
export const users = { ann: 's3cret:with/colon' }
export const login = { username: 'ann', password: users.ann }

/** Pushes a healthy image with two platforms of 8 layers each as `app:1`. Returns its reference. */
export function pushApp(registry: EmbeddedRegistry, name = 'app'): string {
  registry.store.push(name, multiPlatform({ layersPer: 8 }).contents, '1')
  return `${registry.host}/${name}:1`
}

/** Pushes an image with one layer. */
export function pushSmall(registry: EmbeddedRegistry, name = 'app'): { reference: string; image: Image } {
  const small = image('linux/amd64', { layers: [randomLayer({ bytes: 2000, seed: name })] })
  registry.store.push(name, contentsOf(small), '1')
  return { reference: `${registry.host}/${name}:1`, image: small }
}

/** A 401 with these challenges, or without any. */
export const challenging = (...challenges: string[]): Fault => ({
  status: 401,
  body: { errors: [{ code: 'UNAUTHORIZED', message: 'authentication required' }] },
  ...(challenges.length > 0 && { headers: { 'www-authenticate': challenges } }),
})

/** The number of token requests that a registry received. */
export const tokenRequests = ({ requests }: EmbeddedRegistry): number =>
  requests.filter(({ path }) => /^(\/v2)?\/token\b/.test(path)).length
