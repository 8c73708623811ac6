import { type CertsD, containerdHosts } from './containerd/certs-d.ts'
import type { ConfigProblem, IgnoredConfig } from './containerd/hosts-toml.ts'
import { containerdPull } from './containerd/pull.ts'
import type { Endpoint, Pull, PullTarget } from './legs.ts'

/** A configuration of mirrors, as it was read. */
export type MirrorConfig = { kind: 'certs.d' } & CertsD

/** The endpoints of a registry by the rules of one runtime. */
interface RuntimeHosts {
  endpoints: Endpoint[]
  /** Why a file for this registry is not used. */
  ignored?: IgnoredConfig
  problems: ConfigProblem[]
}

/** One runtime, or one version of it, with a configuration. */
export interface Runtime {
  name: string
  hosts(registry: string): RuntimeHosts
  pull(endpoints: Endpoint[], target: PullTarget): Pull
}

/** The registries that a configuration names. */
export function registriesIn(config: MirrorConfig): string[] {
  return config.folders
    .filter(({ name }) => name !== '_default')
    .map(({ name }) => name.replace(/_(\d+)_$/, ':$1'))
}

/** The runtimes that read such a configuration. Those that differ in nothing are one. */
export function runtimesOf(config: MirrorConfig): Runtime[] {
  return ([2, 1] as const).map((major) => ({
    name: `containerd ${major}.x`,
    hosts: (registry) => containerdHosts(config, registry, major),
    pull: (endpoints, target) => containerdPull(endpoints, target, major),
  }))
}
