import { type Judgement, judge } from './judge.ts'
import { clientSources } from './pull/available.ts'
import type { Client } from './pull/client.ts'
import type { Shape } from './shapes/shape.ts'
import { startStage } from './stage.ts'

/** Every client that this machine has, and a registry from which they pull. */
export type Laboratory = {
  clients: Client[]
  /** The clients that it does not have. */
  missing: string[]
  judge(shape: Shape): Promise<Judgement>
  /** Judges shapes, a few at a time; the result is in their order. */
  judgeAll(shapes: Shape[], done?: (judgement: Judgement) => void): Promise<Judgement[]>
  stop(): Promise<void>
}

/** Most of a pull is waiting for the storage. */
const atOnce = 3

/** Starts clients and a registry: Debian's, unless a program is named. */
export async function startLaboratory({ program }: { program?: string } = {}): Promise<Laboratory> {
  const stage = await startStage({ salt: program ?? 'debian', ...(program !== undefined && { program }) })
  const clients: Client[] = []
  const stop = async () => {
    await Promise.all(clients.map((client) => client.stop()))
    await stage.stop()
  }
  try {
    for (const { start } of clientSources) if (start) clients.push(await start())
  } catch (error) {
    await stop()
    throw error
  }
  const judgeOne = (shape: Shape) => judge(stage, clients, shape)
  const judgeAll: Laboratory['judgeAll'] = async (shapes, done) => {
    const judged: Judgement[] = []
    const left = shapes.entries()
    const work = async () => {
      for (const [position, shape] of left) {
        const judgement = await judgeOne(shape)
        judged[position] = judgement
        done?.(judgement)
      }
    }
    await Promise.all(Array.from({ length: atOnce }, work))
    return judged
  }
  const missing = clientSources.filter(({ start }) => !start).map(({ id }) => id)
  return { clients, missing, judge: judgeOne, judgeAll, stop }
}
