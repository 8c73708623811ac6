import { contentsOf, type Image, image, randomLayer } from '../../../src/fake-registry/images/images.ts'
import type { EmbeddedRegistry } from '../../../src/fake-registry/registry.ts'
import type { Report } from '../../../src/report/schema.ts'
import { causeIds, noteIds, verifyImages } from '../../support/verify.ts'
import { sure } from '../kit.ts'

/** What most tests here check: exit code, causes, notes. */
export type Verdict = [exitCode: number, causes: string[], notes: string[]]

/** The short form of a report. */
export const verdictOf = (report: Report): Verdict => [report.exitCode, causeIds(report), noteIds(report)]

/** A verdict without its notes: a retried request is noted even if its failure is already a cause. */
export const causesOf = (report: Report): [number, string[]] => [report.exitCode, causeIds(report)]

/** Verifies `app:1` of a registry. */
export const verifyApp = (
  registry: EmbeddedRegistry,
  settings: Record<string, string> = {},
): Promise<Report> => verifyImages([`${registry.host}/app:1`], { settings })

/** Pushes `app:1`: one platform, with incompressible layers of the given sizes. */
export function pushLayers(registry: EmbeddedRegistry, ...sizes: number[]): Image {
  const layers = sizes.map((bytes, at) => randomLayer({ bytes, seed: `layer ${at}`, compression: 'none' }))
  const pushed = image('linux/amd64', { layers })
  registry.store.push('app', contentsOf(pushed), '1')
  return pushed
}

/** The digest of one layer of an image. */
export const layerDigest = ({ layers }: Image, at = 0): string => sure(layers[at]).digest

/** How blobs of the first platform were proven. */
export const proofOf = (report: Report) => report.targets[0]?.members[0]?.proof

/** The requests for paths that end so: method and status, in order. */
export const requestsFor = ({ requests }: EmbeddedRegistry, ending: string): string[] =>
  requests.filter(({ path }) => path.endsWith(ending)).map(({ method, status }) => `${method} ${status}`)

/** Paths that were requested more than once, except for the HEAD of a manifest by its digest. */
export function repeatedPaths({ requests }: EmbeddedRegistry): string[] {
  const others = requests.filter(({ method, path }) => method !== 'HEAD' || !/\/manifests\/.*:/.test(path))
  const byPath = Map.groupBy(others, ({ path }) => path)
  return [...byPath].filter(([, all]) => all.length > 1).map(([path]) => path)
}

/** All causes as JSON, to search for text. */
export const causesText = (report: Report): string => JSON.stringify(report.causes)
