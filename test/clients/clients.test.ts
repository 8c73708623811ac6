import { afterAll, beforeAll, expect, test } from 'vitest'
import { clientSources } from './pull/available.ts'
import type { Client } from './pull/client.ts'
import { type Axes, shapeOf } from './shapes/shape.ts'
import { types } from './shapes/types.ts'
import { type Stage, startStage } from './stage.ts'

/** These copy blobs as they are. */
const unpackNothing = ['skopeo-dir', 'crane', 'regctl']

for (const { id, suite, start } of clientSources) {
  suite(`${id}, as a judge`, () => {
    let client: Client | undefined
    let stage: Stage
    beforeAll(async () => {
      stage = await startStage({ salt: id })
      client = await start?.()
    })
    afterAll(async () => {
      await client?.stop()
      await stage?.stop()
    })

    const pull = async (axes: Axes) => {
      const { reference } = await stage.publish(shapeOf(axes))
      return client?.pull(reference)
    }

    test('it states its version', () => {
      expect(client?.version).toMatch(/^\d+\.\d+/)
    })

    test('it pulls a healthy image', async () => {
      expect(await pull({ image: 'OCI' })).toEqual({ ok: true })
      expect(await pull({ image: 'Docker' })).toEqual({ ok: true })
    })

    test('it gives its own reason for refusing an image that is served as an index', async () => {
      const judged = await pull({ image: 'OCI', served: `Content-Type ${types.ociIndex}` })
      expect(judged).toMatchObject({ ok: false, error: expect.stringMatching(/\w+ \w+/) })
    })

    test('it unpacks, if it is one that does', async () => {
      const judged = await pull({ image: 'OCI', damage: 'trailing-garbage' })
      expect(judged?.ok).toBe(unpackNothing.includes(id))
    })
  })
}
