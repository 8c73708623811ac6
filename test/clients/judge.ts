import type { Report } from '../../src/report/schema.ts'
import { verifyImages } from '../support/verify.ts'
import type { Client, Pull } from './pull/client.ts'
import type { Shape } from './shapes/shape.ts'
import type { Stage } from './stage.ts'

/** What clients and regguard make of the same image. */
export type Judgement = {
  shape: Shape
  /** What the real registry said where it did not accept the image, so that another one served it. */
  refusal?: string
  pulls: Record<string, Pull>
  causes: Report['causes']
}

/** Publishes a shape, lets every client pull it, and verifies it at depth `full`. */
export async function judge(stage: Stage, clients: Client[], shape: Shape): Promise<Judgement> {
  const { reference, refusal } = await stage.publish(shape)
  const pulls = await Promise.all(clients.map(async ({ id, pull }) => [id, await pull(reference)] as const))
  const { causes } = await verifyImages([reference], { settings: { depth: 'full' } })
  return { shape, pulls: Object.fromEntries(pulls), causes, ...(refusal !== undefined && { refusal }) }
}
