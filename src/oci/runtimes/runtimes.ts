import { buildkitEndpoints, parseBuildkitdToml } from './buildkit/buildkitd-toml.ts'
import { type CertsD, containerdHosts } from './containerd/certs-d.ts'
import { containerdPull } from './containerd/pull.ts'
import { containersPull } from './containers/pull.ts'
import { containersEndpoints, parseRegistriesConf } from './containers/registries-conf.ts'
import { dockerEndpoints, parseDaemonJson } from './docker/daemon-json.ts'
import { dockerPull } from './docker/pull.ts'
import { k3sEndpoints, parseRegistriesYaml } from './k3s/registries-yaml.ts'
import type { Endpoint, ImageName, Pull, PullTarget } from './legs.ts'
import type { ConfigProblem, IgnoredConfig } from './problem.ts'

/** One file with its content. */
interface ConfigFile {
  file: string
  text: string
}

/** A configuration of mirrors, as it was read. */
export type MirrorConfig =
  | ({ kind: 'certs.d' } & CertsD)
  | ({ kind: 'daemon.json' | 'buildkitd.toml' | 'registries.yaml' } & ConfigFile)
  /** registries.conf and its drop-ins, in the order in which they are read. */
  | { kind: 'registries.conf'; files: ConfigFile[] }

/** The endpoints of an image by the rules of one runtime. */
interface RuntimeHosts {
  endpoints: Endpoint[]
  /** Why a file for this registry is not used. */
  ignored?: IgnoredConfig
  problems: ConfigProblem[]
}

/** One runtime, or one version of it, with a configuration. */
export interface Runtime {
  name: string
  hosts(image: ImageName): RuntimeHosts
  pull(endpoints: Endpoint[], target: PullTarget): Pull
}

/** The runtimes that read such a configuration. Versions that differ in nothing are one. */
export function runtimesOf(config: MirrorConfig): Runtime[] {
  switch (config.kind) {
    case 'certs.d':
      return ([2, 1] as const).map((major) => ({
        name: `containerd ${major}.x`,
        hosts: ({ registry }) => containerdHosts(config, registry, major),
        pull: (endpoints, target) => containerdPull(endpoints, target, { major }),
      }))
    case 'registries.yaml': {
      const parsed = parseRegistriesYaml(config.text, config.file)
      const hosts = (image: ImageName) => ({
        endpoints: k3sEndpoints(parsed, image),
        problems: parsed.problems,
      })
      return [
        { name: 'k3s', hosts, pull: (endpoints, target) => containerdPull(endpoints, target, { major: 2 }) },
      ]
    }
    case 'daemon.json': {
      const parsed = parseDaemonJson(config.text, config.file)
      const hosts = (image: ImageName) => ({
        endpoints: dockerEndpoints(parsed, image),
        problems: parsed.problems,
      })
      return [
        { name: 'Docker with the classic image store', hosts, pull: dockerPull },
        {
          name: 'Docker with the containerd image store',
          hosts,
          pull: (endpoints, target) => containerdPull(endpoints, target, { major: 2, keepsTokens: true }),
        },
      ]
    }
    case 'buildkitd.toml': {
      const parsed = parseBuildkitdToml(config.text, config.file)
      const hosts = (image: ImageName) => ({
        endpoints: buildkitEndpoints(parsed, image),
        problems: parsed.problems,
      })
      return [
        {
          name: 'BuildKit',
          hosts,
          pull: (endpoints, target) => containerdPull(endpoints, target, { major: 2, keepsTokens: true }),
        },
      ]
    }
    case 'registries.conf': {
      const parsed = parseRegistriesConf(config.files)
      const hosts = (image: ImageName) => ({
        endpoints: containersEndpoints(parsed, image),
        problems: parsed.problems,
      })
      return [{ name: 'Podman and CRI-O', hosts, pull: containersPull }]
    }
  }
}

/** The registries whose files are judged: of a certs.d all of them. Other files are judged as a whole, with any registry. */
export function registriesIn(config: MirrorConfig): string[] {
  if (config.kind !== 'certs.d') return ['docker.io']
  return config.folders
    .filter(({ name }) => name !== '_default')
    .map(({ name }) => name.replace(/_(\d+)_$/, ':$1'))
}
