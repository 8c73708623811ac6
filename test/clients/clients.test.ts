import { afterAll, beforeAll, expect, test } from 'vitest'
import { clientSources } from './available.ts'
import type { Client } from './client.ts'
import { reportedShapes } from './reported.ts'
import { type Stage, startStage } from './stage.ts'
import { types } from './types.ts'

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

    const pull = async (shapeId: string) => {
      const shape = reportedShapes.find((each) => each.id === shapeId)
      if (!shape || !client) throw new Error(`no shape ${shapeId}, or no client`)
      const { reference } = await stage.publish(shape)
      return client.pull(reference)
    }

    test('it states its version', () => {
      expect(client?.version).toMatch(/^\d+\.\d+/)
    })

    test('it pulls a healthy image', async () => {
      expect(await pull('manifest: OCI')).toEqual({ ok: true })
      expect(await pull('manifest: Docker')).toEqual({ ok: true })
    })

    test('it gives its own reason for refusing an image that is served as an index', async () => {
      const judged = await pull(`answer: OCI image as ${types.ociIndex}`)
      expect(judged).toMatchObject({ ok: false, error: expect.stringMatching(/\w+ \w+/) })
    })

    test('it unpacks, if it is one that does', async () => {
      const { ok } = await pull('damage: gzip, trailing-garbage')
      expect(ok).toBe(unpackNothing.includes(id))
    })
  })
}
