import type { CiPlatform } from '../core/platform.ts'
import type { Remedy } from '../core/remedy.ts'
import type { VantageFact } from '../facts/runner.ts'

/** What decides how a remedy is worded. */
export interface RemedyContext {
  platform: CiPlatform
  /** The trust that Woodpecker reports for the repository. */
  trusted?: VantageFact['trusted']
  /** The group that owns the engine's socket. */
  group?: number
  /** Run by hand on the host by a user without privileges: being root is all that is missing. */
  asRoot?: true
}

/** The context of a run, from its vantage. */
export function remedyContextOf({ platform, trusted, socket, container, uid }: VantageFact): RemedyContext {
  const isPlain = (platform ?? (trusted ? 'woodpecker' : 'plain')) === 'plain'
  return {
    platform: platform ?? (trusted ? 'woodpecker' : 'plain'),
    ...(trusted ? { trusted } : {}),
    ...(socket.state === 'unreadable' ? { group: socket.group } : {}),
    ...(isPlain && container === 'none' && uid !== 0 ? { asRoot: true as const } : {}),
  }
}

/** What root on the host does not need. */
const rootRemedies: ReadonlySet<Remedy> = new Set([
  'socket-access',
  'host-snapshot',
  'kernel-log',
  'net-admin',
])

/** The remedies that apply; where being root is enough, that one stands for all that it makes unnecessary. */
export const applicableRemedies = (remedies: Remedy[], { asRoot }: RemedyContext): Remedy[] =>
  asRoot ? [...new Set(remedies.map((one) => (rootRemedies.has(one) ? 'net-admin' : one)))] : remedies

/** The volume that mounts the engine's socket. */
export const socketVolume = '/var/run/docker.sock:/var/run/docker.sock'

const storagePath = '/var/lib/registry'
/** The volume that mounts the storage of a registry. Reading is all that a scan does. */
export const storageVolume = `${storagePath}:${storagePath}:ro`

/** Remedies in order of preference: from the least effort for the most areas, to those that most set-ups do not allow. */
export const remedyOrder: readonly Remedy[] = [
  'socket-access',
  'docker-socket',
  'host-snapshot',
  'listeners',
  'listener-entries',
  'storage-mount',
  'storage-access',
  'tools',
  'host-network',
  'kernel-log',
  'host-pid',
  'net-admin',
]

/** What to change to observe more, in one line. */
export function remedyText(remedy: Remedy, context: RemedyContext): string {
  if (context.asRoot && rootRemedies.has(remedy)) return 'Run it as root.'
  const text = texts[familyOf(context)]
  const trust = context.platform === 'woodpecker' ? trustText(remedy, context.trusted) : ''
  return `${text(remedy, context)}${trust}.`
}

/** Platforms that share the wording: Forgejo, Gitea and GitHub are one family. */
export type Family = 'woodpecker' | 'actions' | 'plain'

export function familyOf({ platform }: RemedyContext): Family {
  return platform === 'woodpecker' || platform === 'plain' ? platform : 'actions'
}

/** From a container other hosts are dialled too; the ports of the host itself go by its gateway there. */
const entriesText = (setting: string): string =>
  `Correct ${setting}: “22” is a port of this runner itself; “10.0.0.5:22” is one of an address or name that must be this host’s own, unless regguard runs in a container (a plain step), from which it dials any`

const texts: Record<Family, (remedy: Remedy, context: RemedyContext) => string> = {
  woodpecker: (remedy) =>
    ({
      'docker-socket': `Mount the engine's socket in this step: “volumes: [${socketVolume}]”`,
      'socket-access':
        'Run this step as a user that can open the socket: “backend_options: { docker: { user: "0:0" } }”',
      'host-snapshot': `Set “host_snapshot: true” and mount the socket: “volumes: [${socketVolume}]”`,
      'host-network': 'Run this step on the host network: “network_mode: host”',
      'host-pid':
        'Woodpecker cannot share the host’s PID namespace with a step: use “host_snapshot: true” with the socket',
      'kernel-log':
        'Pass the kernel log: “devices: [/dev/kmsg:/dev/kmsg:r]” (sufficient if kernel.dmesg_restrict is 0), or use “host_snapshot: true”',
      'net-admin':
        'Woodpecker cannot add a capability to a step: use “host_snapshot: true” with the socket (or “privileged: true” with “network_mode: host”)',
      tools: 'Run regguard from its own image, which contains the programs it needs',
      listeners: 'Name the ports of the runner that must answer: “listeners: [22, 6443]” in the settings',
      'listener-entries': entriesText('“listeners” in the settings'),
      'storage-mount': `Mount the registry's storage in this step, read-only: “volumes: [${storageVolume}]” and “storage: ${storagePath}”`,
      'storage-access':
        'Run this step as a user that can read the storage: “backend_options: { docker: { user: "0:0" } }”',
    })[remedy],
  actions: (remedy, { group }) =>
    ({
      'docker-socket':
        'Mount the socket in jobs: “container.docker_host: automount” in the runner’s config.yaml, preferably for a runner with its own label',
      'socket-access': `Run jobs as a user that can open the socket: “container.options: --user 0:0” in the runner’s config.yaml${group === undefined ? '' : ` (or “--group-add ${group}”)`}`,
      'host-snapshot':
        'Set “host_snapshot: true” and mount the socket in jobs: “container.docker_host: automount” in the runner’s config.yaml',
      'host-network': 'Run jobs on the host network: “container.network: host” in the runner’s config.yaml',
      'host-pid':
        'Share the host’s PID namespace with jobs: “container.options: --pid=host” in the runner’s config.yaml, preferably for a runner with its own label',
      'kernel-log':
        'Pass the kernel log: “container.options: --cap-add=SYSLOG --device=/dev/kmsg:/dev/kmsg:r” in the runner’s config.yaml',
      'net-admin':
        'Set “container.options: --cap-add=NET_ADMIN” and “container.network: host” in the runner’s config.yaml; “host_snapshot: true” needs less',
      tools: 'Run regguard from its own image (uses: docker://…), which contains the programs it needs',
      listeners: 'Name the ports of the runner that must answer: “listeners: 22,6443” under “with”',
      'listener-entries': entriesText('“listeners” under “with”'),
      'storage-mount': `Mount the registry's storage in jobs, read-only: “container.options: -v ${storageVolume}” and “container.valid_volumes: [${storagePath}]” in the runner’s config.yaml`,
      'storage-access':
        'Run jobs as a user that can read the storage: “container.options: --user 0:0” in the runner’s config.yaml',
    })[remedy],
  plain: (remedy, { group }) =>
    ({
      'docker-socket': `Mount the engine's socket: docker run -v ${socketVolume}`,
      'socket-access': `Run it as a user that can open the socket: docker run --user 0:0${group === undefined ? '' : `, or --group-add ${group}`}`,
      'host-snapshot': `Use --host_snapshot true and mount the socket: docker run -v ${socketVolume}`,
      'host-network': 'Run it on the host network: docker run --network host',
      'host-pid': 'Share the host’s PID namespace: docker run --pid host',
      'kernel-log': 'Pass the kernel log: docker run --cap-add SYSLOG --device /dev/kmsg:/dev/kmsg:r',
      'net-admin':
        'Allow it to read the host’s rules: docker run --network host --cap-add NET_ADMIN, or run it as root outside a container',
      tools: 'Install iptables, nftables and iproute2, or run regguard from its own image',
      listeners: 'Name the ports of the runner that must answer: --listeners 22,6443',
      'listener-entries': entriesText('--listeners'),
      'storage-mount': `Name the folder that holds docker/registry/v2, and mount it in a container: docker run -v ${storageVolume}`,
      'storage-access': 'Run it as a user that can read the storage: sudo, or docker run --user 0:0',
    })[remedy],
}

type Trust = keyof NonNullable<VantageFact['trusted']>

/** The trust that Woodpecker requires of a repository before it allows a remedy (`lintTrusted` in its linter). */
const trustFor: Partial<Record<Remedy, Trust>> = {
  'docker-socket': 'volumes',
  'host-snapshot': 'volumes',
  'host-pid': 'volumes',
  'net-admin': 'volumes',
  'kernel-log': 'volumes',
  'host-network': 'network',
  'storage-mount': 'volumes',
}

const trustNames: Record<Trust, string> = { network: 'Network', volumes: 'Volumes', security: 'Security' }

function trustText(remedy: Remedy, trusted: VantageFact['trusted']): string {
  const trust = trustFor[remedy]
  if (trust === undefined || trusted?.[trust]) return ''
  const required = trusted ? 'The repository is not trusted for' : 'The repository must be trusted for'
  return `. ${required} “${trustNames[trust]}”: an administrator sets this in the project settings`
}
