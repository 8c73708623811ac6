import { type EmbeddedRegistry, startRegistry } from '../../src/fake-registry/registry.ts'
import { push } from '../support/push.ts'
import { type RealRegistry, startRealRegistry } from '../support/real-registry.ts'
import type { Built } from './shapes/build.ts'
import type { Shape } from './shapes/shape.ts'

/** Where shapes are published: a real registry, and a server for those that a healthy registry does not answer or accept so. */
export type Stage = {
  publish(shape: Shape): Promise<Published>
  stop(): Promise<void>
}

/** A published shape. `refusal` is what the real registry said, so that it is served by the other one. */
type Published = { reference: string; built: Built; refusal?: string }

/** Starts a real registry, Debian's unless a program is named. `salt` keeps the content of two stages apart. */
export async function startStage({ salt, program }: { salt: string; program?: string }): Promise<Stage> {
  const real: RealRegistry = await startRealRegistry(program === undefined ? {} : { program })
  const server: EmbeddedRegistry = await startRegistry()
  let count = 0
  return {
    async publish(shape) {
      count += 1
      const repository = `shape/${count}`
      const built = shape.build(`${salt}/${shape.id}`)
      const end = shape.axes.pulled === 'by digest' ? `@${built.manifest.digest}` : ':1'
      const referenceTo = (host: string) => `${host}/${repository}${end}`
      const refusal = shape.serving ? undefined : await pushTo(real.host, repository, built)
      if (!shape.serving && refusal === undefined) return { reference: referenceTo(real.host), built }
      server.store.push(repository, built.contents, '1')
      for (const [match, faults] of shape.serving?.(built) ?? []) {
        const within = new RegExp(`^/v2/${repository}/`)
        server.faults.add({ ...match, when: ({ pathname }) => within.test(pathname) }, ...faults)
      }
      return { reference: referenceTo(server.host), built, ...(refusal !== undefined && { refusal }) }
    },
    async stop() {
      await server.close()
      await real.stop()
    },
  }
}

async function pushTo(host: string, repository: string, { contents }: Built): Promise<string | undefined> {
  try {
    await push(host, repository, contents, { tag: '1' })
    return undefined
  } catch (error) {
    return (error as Error).message.replace(/^.* from \S+ /, '').trim()
  }
}
