import type { Area } from '../../../core/observed.ts'
import type { Remedy } from '../../../core/remedy.ts'
import type {
  ChurnFact,
  EngineFact,
  NetworkFact,
  PublishedFact,
  SocketState,
  VantageFact,
} from '../../../facts/runner.ts'
import type { EngineConnection } from './api.ts'
import { listContainers, withContainers } from './containers.ts'
import { observeEngine } from './engine.ts'
import { observeEvents } from './events.ts'
import { observeNetworks } from './networks.ts'

/** What an engine's socket shows; without an engine, areas with the reason. */
export interface DockerSide {
  engine: Area<EngineFact>
  networks: Area<NetworkFact[]>
  /** Undefined where the containers could not be listed. */
  published: PublishedFact[] | undefined
  /** Called when the inspection of the host ends, so that the window of the events covers it. */
  churn(): Promise<Area<ChurnFact>>
  /** Networks, with the endpoints of the first reading, and published ports once more: for inconsistent first readings. */
  reread(): Promise<Pick<DockerSide, 'networks' | 'published'>>
}

export interface DockerOptions {
  connection: EngineConnection
  /** On Kubernetes no engine is expected. */
  container: VantageFact['container']
  now: () => number
}

/** Asks the engine about itself and its networks. The API stays open for the caller to close. */
export async function observeDocker({ connection, container, now }: DockerOptions): Promise<DockerSide> {
  const { socket, api } = connection
  if (!api) {
    const unseen = noEngine(socket, container)
    const noChurn = async () => unseen
    const nothing = { networks: unseen, published: undefined }
    return { ...nothing, engine: unseen, churn: noChurn, reread: async () => nothing }
  }
  const [{ engine, liveRestore }, listed, containers] = await Promise.all([
    observeEngine(api),
    observeNetworks({ api, now }),
    listContainers(api),
  ])
  const networks =
    listed.seen && containers
      ? { ...listed, value: listed.value.map((network) => withContainers(network, containers.byNetwork)) }
      : listed
  return {
    engine,
    networks,
    published: containers?.published,
    churn: () => observeEvents({ api, networks, liveRestore, now }),
    reread: async () => {
      const [relisted, containers] = await Promise.all([
        observeNetworks({ api, now, maxInspected: 0 }),
        listContainers(api),
      ])
      return { networks: withDetailsOf(networks, relisted), published: containers?.published }
    },
  }
}

/** The second list of networks is one request: what was asked about each of them is that of the first reading. */
function withDetailsOf(first: DockerSide['networks'], again: DockerSide['networks']): DockerSide['networks'] {
  if (!first.seen || !again.seen) return again
  const known = new Map(first.value.map((network) => [network.id, network]))
  return { ...again, value: again.value.map((network) => ({ ...known.get(network.id), ...network })) }
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
    return unseen(`no engine socket at ${path}`, ['docker-socket'], container !== 'kubernetes')
  if (socket.state === 'unreadable')
    return unseen(`this user may not open ${path}; group ${socket.group} may`, ['socket-access'])
  if (socket.state === 'unsupported')
    return unseen(
      `${path} supports engine API versions ${socket.min} to ${socket.max}, regguard ${socket.ours}`,
      [],
    )
  if (socket.state === 'useless' && socket.silence) return unseen(`${path}: ${socket.why}`, [])
  return unseen(socket.state === 'useless' ? `${path}: ${socket.why}` : `${path} was not queried`, [
    'docker-socket',
  ])
}
