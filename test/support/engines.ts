import { docker29, hasDocker29 } from './docker-29.ts'
import { type Engine, type EngineOptions, enginePrograms, startEngine } from './engine.ts'
import { suiteNeeds } from './need.ts'
import { suiteWithout } from './suite.ts'

/** A version of Docker, and the backend by which it writes its rules. */
export interface EngineKind {
  name: string
  version: 20 | 29
  backend: 'iptables' | 'nftables'
  /** Starts one, with flags, or in a namespace, of the test's own. */
  start(options?: EngineOptions): Promise<Engine>
}

const of29 = (backend: EngineKind['backend']): EngineKind => ({
  name: `Docker 29 with ${backend}`,
  version: 29,
  backend,
  async start({ flags = [], env = {}, namespace } = {}) {
    const own = await docker29(backend, namespace)
    return startEngine({
      ...own,
      env: { ...own.env, ...env },
      flags: [...(own.flags ?? []), ...flags],
    })
  },
})

/** Debian's Docker. */
export const docker20: EngineKind = {
  name: 'Docker 20.10',
  version: 20,
  backend: 'iptables',
  start: (options) => startEngine(options),
}
export const docker29Iptables: EngineKind = of29('iptables')
export const docker29Nftables: EngineKind = of29('nftables')

/** All kinds that suites run with. */
const allKinds = [docker20, docker29Iptables, docker29Nftables]

/**
 * A suite for each kind of engine. What they do alike is expected once; where one differs, the expected value says so by its
 * version or backend.
 */
export function suiteForEngines(
  title: string,
  body: (kind: EngineKind) => void,
  { programs = [], kinds = allKinds }: { programs?: string[]; kinds?: EngineKind[] } = {},
): void {
  for (const kind of kinds) {
    const suite =
      kind.version === 20 || hasDocker29
        ? suiteNeeds([...enginePrograms, ...programs])
        : suiteWithout('needs dockerd 29, docker-proxy, containerd and runc, which .ci/run builds', {
            mustRunInCi: true,
          })
    suite(`${title}: ${kind.name}`, () => body(kind))
  }
}
