import { expect } from 'vitest'
import { parseReference } from '../../../src/oci/reference.ts'
import type { Pulled } from '../../../src/oci/runtimes/legs.ts'
import type { Runtime } from '../../../src/oci/runtimes/runtimes.ts'
import type { Pull } from '../pull/client.ts'
import type { Site } from './answers.ts'
import type { Lab, LabImage } from './lab.ts'
import { comparable, predict } from './predict.ts'
import { names } from './sites.ts'

/** Lets a runtime pull, and compares what the servers logged, and how it ended, with what is predicted. */
export async function comparePull(
  lab: Lab,
  runtime: Runtime,
  { image, sites, reference }: { image: LabImage; sites: Site[]; reference: string },
  pull: (reference: string) => Promise<Pull>,
): Promise<{ result: Pull; pulled: Pulled }> {
  const { content, manifest, blobs } = image
  const parsed = parseReference(reference)
  if (!parsed.ok) throw new Error(parsed.problem)
  const { registry, repository, tag, digest } = parsed.value
  const target = { registry, repository, reference: digest ?? tag ?? '', manifests: [manifest], blobs }
  const predicted = predict(runtime.pull(runtime.hosts(target).endpoints, target), { sites, names, content })
  const result = await pull(reference)
  const logged = comparable(lab.takeLog(), predicted.pulled)
  expect({ result, logged }).toEqual({ result, logged: comparable(predicted.requests, predicted.pulled) })
  expect({ ok: result.ok, result }).toEqual({ ok: predicted.pulled.ok, result })
  return { result, pulled: predicted.pulled }
}
