import { type Judgement, judge } from './judge.ts'
import { clientSources } from './pull/available.ts'
import type { Client } from './pull/client.ts'
import type { Shape } from './shapes/shape.ts'
import { startStage } from './stage.ts'

/** What clients made of shapes, by their names. */
export type Recorded = {
  clients: Pick<Client, 'id' | 'name' | 'version'>[]
  missing: string[]
  pulls: Record<string, Judgement['pulls']>
}

/** Every client that this machine has, and a registry from which they pull. */
export type Laboratory = {
  clients: Recorded['clients']
  /** The clients that it does not have. */
  missing: string[]
  judge(shape: Shape): Promise<Judgement>
  /** Judges shapes, a few at a time; the result is in their order. */
  judgeAll(shapes: Shape[], done?: (judgement: Judgement) => void): Promise<Judgement[]>
  stop(): Promise<void>
}

/** Most of a pull is waiting for the storage. */
const atOnce = 3

/** The variable parts of a laboratory. */
export type LaboratoryOptions = {
  /** The registry; Debian's by default. */
  program?: string
  /** Instead of clients: what they made of the shapes before. */
  recorded?: Recorded
}

/** Starts clients and a registry. */
export async function startLaboratory({ program, recorded }: LaboratoryOptions = {}): Promise<Laboratory> {
  const stage = await startStage({ salt: program ?? 'debian', ...(program !== undefined && { program }) })
  const started: Client[] = []
  const stop = async () => {
    await Promise.all(started.map((client) => client.stop()))
    await stage.stop()
  }
  try {
    if (!recorded) for (const { start } of clientSources) if (start) started.push(await start())
  } catch (error) {
    await stop()
    throw error
  }
  const pullsOf = async (shape: Shape, reference: string): Promise<Judgement['pulls']> => {
    if (!recorded) return pullWithAll(started, reference)
    const pulls = recorded.pulls[shape.id]
    if (!pulls) throw new Error(`no pulls of ${shape.id} are recorded`)
    return pulls
  }
  const judgeOne = (shape: Shape) => judge(stage, shape, pullsOf)
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
  const { clients, missing: absent } = recorded ?? { clients: started, missing }
  return { clients, missing: absent, judge: judgeOne, judgeAll, stop }
}

async function pullWithAll(clients: Client[], reference: string): Promise<Judgement['pulls']> {
  const pulls = await Promise.all(clients.map(async ({ id, pull }) => [id, await pull(reference)] as const))
  return Object.fromEntries(pulls)
}
