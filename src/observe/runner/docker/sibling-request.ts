/** The hidden subcommand that a sibling runs: it inspects the host and prints one line of JSON, a `HostView`. */
const snapshotCommand = 'host-snapshot'

/** The labels of every sibling, by which the next run finds one that a crashed run left behind. */
export const snapshotLabel = { name: 'regguard', value: 'snapshot' }
export const limitLabel = 'regguard.limit'
const runLabel = 'regguard.run'

/** How long a sibling watches the host, and after how long it exits at the latest; in milliseconds. */
export interface SnapshotTimes {
  windowMs: number
  limitMs: number
}

/** The arguments of the subcommand. */
export function snapshotArguments({ windowMs, limitMs }: SnapshotTimes): string[] {
  return [snapshotCommand, '--window-ms', String(windowMs), '--limit-ms', String(limitMs)]
}

/** Reads the arguments of `snapshotArguments` without the subcommand itself; undefined for anything else. */
export function readSnapshotArguments(args: string[]): SnapshotTimes | undefined {
  const [window, windowMs, limit, limitMs, ...more] = args
  if (window !== '--window-ms' || limit !== '--limit-ms' || more.length > 0) return undefined
  const times = { windowMs: Number(windowMs), limitMs: Number(limitMs) }
  const textResponse = Object.values(times).every((ms) => Number.isInteger(ms) && ms >= 0 && ms <= 600_000)
  return textResponse ? times : undefined
}

/**
 * The body of `POST /containers/create`. The sibling may read the packet filters (NET_ADMIN; NET_RAW for iptables-legacy, which
 * asks through a raw socket) and the kernel log (SYSLOG) of the host, and nothing else: no other capability, no new privileges, a read-only root, no volume, and only the host's
 * network, so no bridge and no veth is created.
 * `User`: a user other than root, as in regguard's image, loses all capabilities at exec (measured: `CapEff` 0, nfnetlink
 * EPERM, /dev/kmsg EPERM). `LogConfig`: the host's rules reach no log file and no log collector. `AutoRemove`: the engine
 * removes the sibling when it exits.
 */
export function siblingRequest(image: string, run: string, times: SnapshotTimes, kernelLog: boolean) {
  return {
    Image: image,
    User: '0:0',
    Cmd: snapshotArguments(times),
    AttachStdin: false,
    AttachStdout: true,
    AttachStderr: true,
    Tty: false,
    Labels: {
      [snapshotLabel.name]: snapshotLabel.value,
      [runLabel]: run,
      [limitLabel]: String(Math.ceil(times.limitMs / 1000)),
    },
    HostConfig: {
      NetworkMode: 'host',
      PidMode: 'host',
      CapDrop: ['ALL'],
      CapAdd: ['NET_ADMIN', 'NET_RAW', 'SYSLOG'],
      SecurityOpt: ['no-new-privileges'],
      ReadonlyRootfs: true,
      Privileged: false,
      Devices: kernelLog
        ? [{ PathOnHost: '/dev/kmsg', PathInContainer: '/dev/kmsg', CgroupPermissions: 'r' }]
        : [],
      LogConfig: { Type: 'none' },
      RestartPolicy: { Name: 'no' },
      AutoRemove: true,
    },
  }
}
