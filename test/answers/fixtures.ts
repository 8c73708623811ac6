import {
  contentsOf,
  type Image,
  image,
  type MultiPlatform,
  multiPlatform,
  randomLayer,
} from '../../src/fake-registry/images/images.ts'
import type { EmbeddedRegistry } from '../../src/fake-registry/registry.ts'
import type { Report } from '../../src/report/schema.ts'
import { verifyImages } from '../support/verify.ts'

/** The exit code of a run, and the severity of each cause by its id. */
export const outcomeOf = (report: Report): [number, Record<string, string>] => [
  report.exitCode,
  Object.fromEntries(report.causes.map(({ id, severity }) => [id, severity])),
]

/** The causes with this id as JSON text, with unescaped quotes. */
export const textOf = (report: Report, id: string): string =>
  JSON.stringify(report.causes.filter((cause) => cause.id === id)).replaceAll('\\"', '"')

/** Verifies `app:1` of a registry. */
export const verifyApp = (
  { host }: EmbeddedRegistry,
  settings: Record<string, string> = {},
): Promise<Report> => verifyImages([`${host}/app:1`], { settings })

/** Pushes an index with two platforms and attestations as `app:1`. */
export function pushIndex({ store }: EmbeddedRegistry, name = 'app'): MultiPlatform {
  const pushed = multiPlatform({ sharedBase: true, attestations: true })
  store.push(name, pushed.contents, '1')
  return pushed
}

/** Pushes an image with two uncompressed layers as `app:1`. Also returns digest and size of the second layer. */
export function pushImage(
  { store }: EmbeddedRegistry,
  name = 'app',
): Image & { digest: string; size: number } {
  const layers = [3000, 4000].map((bytes) =>
    randomLayer({ bytes, seed: `${name} ${bytes}`, compression: 'none' }),
  )
  const pushed = image('linux/amd64', { layers })
  store.push(name, contentsOf(pushed), '1')
  const [, second] = layers
  return { ...pushed, digest: second?.digest ?? '', size: second?.bytes.length ?? 0 }
}

/** A response with the JSON error document of a registry. */
export const errorDocument = (
  status: number,
  code: string,
  message: string,
  headers: Record<string, string> = {},
) => ({
  status,
  headers,
  body: { errors: [{ code, message }] },
})
