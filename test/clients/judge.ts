import type { Report } from '../../src/report/schema.ts'
import { verifyImages } from '../support/verify.ts'
import type { Pull } from './pull/client.ts'
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

/** Publishes a shape, lets clients pull it, and verifies it at depth `full`. */
export async function judge(
  stage: Stage,
  shape: Shape,
  pullsOf: (shape: Shape, reference: string) => Promise<Judgement['pulls']>,
): Promise<Judgement> {
  const { reference, refusal } = await stage.publish(shape)
  const pulls = await pullsOf(shape, reference)
  const { causes } = await verifyImages([reference], { settings: { depth: 'full' } })
  return { shape, pulls, causes, ...(refusal !== undefined && { refusal }) }
}
