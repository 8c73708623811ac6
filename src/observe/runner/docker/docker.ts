import type { Area } from '../../../core/observed.ts'
import type { Remedy } from '../../../core/remedy.ts'
import type { ChurnFact, EngineFact, NetworkFact, SocketState, VantageFact } from '../../../facts/runner.ts'
import type { Found } from './api.ts'
import { observeEngine } from './engine.ts'
import { observeEvents } from './events.ts'
import { observeNetworks } from './networks.ts'

/** What an engine's socket shows; without an engine, looks that say why not. */
export interface DockerSide {
  engine: Area<EngineFact>
  networks: Area<NetworkFact[]>
  /** Asked for when the look at the host ends, so that its window covers that look. */
  churn(): Promise<Area<ChurnFact>>
  /** The networks once more, without their endpoints, where a race is suspected. */
  networksAgain(): Promise<Area<NetworkFact[]>>
}

export interface DockerOptions {
  found: Found
  /** On Kubernetes there is no engine to miss. */
  container: VantageFact['container']
  now: () => number
}

/** Asks the engine that was found about itself and its networks. The API stays open; whoever opened it closes it. */
export async function observeDocker({ found, container, now }: DockerOptions): Promise<DockerSide> {
  const { socket, api } = found
  if (!api) {
    const unseen = noEngine(socket, container)
    const never = async () => unseen
    return { engine: unseen, networks: unseen, churn: never, networksAgain: never }
  }
  const [{ engine, outlived }, networks] = await Promise.all([
    observeEngine(api),
    observeNetworks({ api, now }),
  ])
  return {
    engine,
    networks,
    churn: () => observeEvents({ api, networks, outlived, now }),
    networksAgain: () => observeNetworks({ api, now, asked: 0 }),
  }
}

function noEngine(
  socket: SocketState,
  container: VantageFact['container'],
): Extract<Area<never>, { seen: false }> {
  const unseen = (why: string, remedies: Remedy[], applies = true) => ({
    ...{ seen: false as const, why, remedies, applies },
  })
  const { path } = socket
  if (socket.state === 'absent')
    return unseen(`there is no socket of an engine at ${path}`, ['docker-socket'], container !== 'kubernetes')
  if (socket.state === 'unreadable')
    return unseen(`${path} is closed to this user; group ${socket.group} may open it`, ['socket-access'])
  if (socket.state === 'unsupported')
    return unseen(
      `${path} speaks versions ${socket.min} to ${socket.max} of the engine's API, regguard ${socket.ours}`,
      [],
    )
  return unseen(socket.state === 'useless' ? `${path}: ${socket.why}` : `${path} was not asked`, [
    'docker-socket',
  ])
}
