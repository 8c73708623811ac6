import type { CiPlatform } from '../core/platform.ts'
import type { Remedy } from '../core/remedy.ts'
import type { VantageFact } from '../facts/runner.ts'

/** Where a run is told what to change. */
export interface RemedyContext {
  platform: CiPlatform
  /** What Woodpecker says of the repository's trust. */
  trusted?: VantageFact['trusted']
  /** The group that owns the engine's socket. */
  group?: number
}

/** Where a step runs, as far as its vantage tells. */
export function remedyContextOf({ platform, trusted, socket }: VantageFact): RemedyContext {
  return {
    platform: platform ?? (trusted ? 'woodpecker' : 'plain'),
    ...(trusted ? { trusted } : {}),
    ...(socket.state === 'unreadable' ? { group: socket.group } : {}),
  }
}

/** The volume that every engine's socket is mounted by. */
export const socketVolume = '/var/run/docker.sock:/var/run/docker.sock'

/** Needs from the one that shows most for least, to those that most set-ups do not give. */
export const remedyOrder: readonly Remedy[] = [
  'socket-access',
  'docker-socket',
  'host-snapshot',
  'listeners',
  'tools',
  'host-network',
  'kernel-log',
  'host-pid',
  'net-admin',
]

/** What to change to see more, in one line. */
export function remedyText(remedy: Remedy, place: RemedyContext): string {
  const text = texts[familyOf(place)]
  const trust = place.platform === 'woodpecker' ? trustText(remedy, place.trusted) : ''
  return `${text(remedy, place)}${trust}.`
}

/** Forgejo, Gitea and GitHub are told the same. */
export type Family = 'woodpecker' | 'actions' | 'plain'

export function familyOf({ platform }: RemedyContext): Family {
  return platform === 'woodpecker' || platform === 'plain' ? platform : 'actions'
}

const texts: Record<Family, (remedy: Remedy, place: RemedyContext) => string> = {
  woodpecker: (remedy) =>
    ({
      'docker-socket': `Mount the engine's socket in this step: “volumes: [${socketVolume}]”`,
      'socket-access': 'Let this step open the socket: “backend_options: { docker: { user: "0:0" } }”',
      'host-snapshot': `Set “host_snapshot: true”, with the socket mounted: “volumes: [${socketVolume}]”`,
      'host-network': 'Let this step use the host’s network: “network_mode: host”',
      'host-pid': 'Woodpecker gives no step the host’s processes; “host_snapshot: true” with the socket does',
      'kernel-log':
        'Pass the kernel log: “devices: [/dev/kmsg:/dev/kmsg:r]” (enough where kernel.dmesg_restrict is 0), or use “host_snapshot: true”',
      'net-admin':
        'Woodpecker adds no capability to a step; “host_snapshot: true” with the socket does (or “privileged: true” with “network_mode: host”)',
      tools: 'Run regguard from its own image: the programs it reads with are in there',
      listeners: 'Say which ports of the runner must answer: “listeners: [22, 6443]” in the settings',
    })[remedy],
  actions: (remedy, { group }) =>
    ({
      'docker-socket':
        'Let jobs have the socket: “container.docker_host: automount” in the runner’s config.yaml, best of a runner with a label of its own',
      'socket-access': `Let the job open the socket: “container.options: --user 0:0” in the runner’s config.yaml${group === undefined ? '' : ` (or “--group-add ${group}”)`}`,
      'host-snapshot':
        'Set “host_snapshot: true”, with the socket in the job: “container.docker_host: automount” in the runner’s config.yaml',
      'host-network':
        'Let jobs use the host’s network: “container.network: host” in the runner’s config.yaml',
      'host-pid':
        'Let jobs see the host’s processes: “container.options: --pid=host” in the runner’s config.yaml, best of a runner with a label of its own',
      'kernel-log':
        'Pass the kernel log: “container.options: --cap-add=SYSLOG --device=/dev/kmsg:/dev/kmsg:r” in the runner’s config.yaml',
      'net-admin':
        '“container.options: --cap-add=NET_ADMIN” with “container.network: host” in the runner’s config.yaml; “host_snapshot: true” needs less',
      tools: 'Run regguard from its own image (uses: docker://…): the programs it reads with are in there',
      listeners: 'Say which ports of the runner must answer: “listeners: 22,6443” under “with”',
    })[remedy],
  plain: (remedy, { group }) =>
    ({
      'docker-socket': `Give it the engine's socket: docker run -v ${socketVolume}`,
      'socket-access': `Run it as a user who may open the socket: docker run --user 0:0${group === undefined ? '' : `, or --group-add ${group}`}`,
      'host-snapshot': `Say --host_snapshot true, with the socket: docker run -v ${socketVolume}`,
      'host-network': 'Give it the host’s network: docker run --network host',
      'host-pid': 'Give it the host’s processes: docker run --pid host',
      'kernel-log': 'Give it the kernel log: docker run --cap-add SYSLOG --device /dev/kmsg:/dev/kmsg:r',
      'net-admin':
        'Let it read the host’s rules: docker run --network host --cap-add NET_ADMIN, or as root outside of a container',
      tools: 'Install iptables, nftables and iproute2, or run regguard from its own image',
      listeners: 'Say which ports of the runner must answer: --listeners 22,6443',
    })[remedy],
}

type Trust = keyof NonNullable<VantageFact['trusted']>

/** The trust that Woodpecker asks of a repository before it grants a need (its linter, `lintTrusted`). */
const trustFor: Partial<Record<Remedy, Trust>> = {
  'docker-socket': 'volumes',
  'host-snapshot': 'volumes',
  'host-pid': 'volumes',
  'net-admin': 'volumes',
  'kernel-log': 'volumes',
  'host-network': 'network',
}

const trustNames: Record<Trust, string> = { network: 'Network', volumes: 'Volumes', security: 'Security' }

function trustText(remedy: Remedy, trusted: VantageFact['trusted']): string {
  const trust = trustFor[remedy]
  if (trust === undefined || trusted?.[trust]) return ''
  const asks = `the trust “${trustNames[trust]}” of the repository, which an administrator gives in its settings`
  return trusted ? `. It lacks ${asks}` : `. It takes ${asks}`
}
