/** The hidden subcommand that a sibling runs: it looks at the host and prints one line of JSON, a `HostView`. */
export const snapshotCommand = 'host-snapshot'

/** What every sibling carries, so that the next run finds one that was left behind. */
export const snapshotLabel = { name: 'regguard', value: 'snapshot' }
export const limitLabel = 'regguard.limit'
export const runLabel = 'regguard.run'

/** How a sibling is told for how long to look, and when to end by itself at the latest; in milliseconds. */
export interface SnapshotTimes {
  windowMs: number
  limitMs: number
}

/** The arguments of the subcommand. */
export function snapshotArguments({ windowMs, limitMs }: SnapshotTimes): string[] {
  return [snapshotCommand, '--window-ms', String(windowMs), '--limit-ms', String(limitMs)]
}

/** Reads what `snapshotArguments` wrote, without the subcommand itself; undefined where it is something else. */
export function readSnapshotArguments(args: string[]): SnapshotTimes | undefined {
  const [window, windowMs, limit, limitMs, ...more] = args
  if (window !== '--window-ms' || limit !== '--limit-ms' || more.length > 0) return undefined
  const times = { windowMs: Number(windowMs), limitMs: Number(limitMs) }
  const usable = Object.values(times).every((ms) => Number.isInteger(ms) && ms >= 0 && ms <= 600_000)
  return usable ? times : undefined
}

/**
 * The body of `POST /containers/create`. It may read packet filters (NET_ADMIN) and the kernel log (SYSLOG) of the host,
 * and nothing else: no other capability, no new privileges, no file of its own to write, no volume, no network beyond the
 * host's, and so no bridge and no veth. `User`: capabilities of another user than root are dropped at the start of the
 * program, and regguard's image has another (measured: `CapEff` 0, nfnetlink EPERM, /dev/kmsg EPERM). `none`: the host's
 * rules are written to no log, and sent to no collector of logs. The engine itself removes it when it ends.
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
      CapAdd: ['NET_ADMIN', 'SYSLOG'],
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
