import { fileURLToPath } from 'node:url'
import type { Area } from '../../src/core/observed.ts'
import type { ChurnFact, EngineFact, NetworkFact, RunnerFact, VantageFact } from '../../src/facts/runner.ts'
import type { Snapshot } from '../../src/observe/runner/docker/sibling.ts'
import type { Engine } from './engine.ts'

/** The output of `observe-docker.ts`. */
export interface RunnerSeenInside {
  vantage: VantageFact
  engine: Area<EngineFact>
  networks: Area<NetworkFact[]>
  churn: Area<ChurnFact>
  interfaces?: RunnerFact['interfaces']
  snapshot?: Snapshot
}

export interface InsideOptions {
  image?: string
  /** Flags for `docker run`. */
  flags?: string[]
  /** Mounts the engine's socket. */
  socket?: boolean
  /** Takes a snapshot that may last this long. */
  snapshotMs?: number
}

const project = fileURLToPath(new URL('../../', import.meta.url))

/** The arguments of `docker run` for a container that observes its runner from inside and prints the facts. */
export function insideArguments(
  engine: Pick<Engine, 'socket'>,
  { image = 'tools', flags = [], socket = false, snapshotMs }: InsideOptions = {},
): string[] {
  return [
    ...['--entrypoint', 'node', '--volume', `${project}:/app:ro`, ...flags],
    ...(socket ? ['--volume', `${engine.socket}:/var/run/docker.sock`] : []),
    ...[image, '/app/test/support/observe-docker.ts', JSON.stringify({ snapshotMs })],
  ]
}

/** Observes the runner from inside a container. */
export async function inspectInside(
  engine: Pick<Engine, 'socket' | 'docker'>,
  options: InsideOptions = {},
): Promise<RunnerSeenInside> {
  const printed = await engine.docker(['run', '--rm', ...insideArguments(engine, options)])
  return JSON.parse(printed.trim().split('\n').at(-1) ?? '') as RunnerSeenInside
}
