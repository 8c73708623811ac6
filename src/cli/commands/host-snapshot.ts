import { readSnapshotArguments } from '../../observe/runner/docker/sibling-request.ts'
import { observeHost } from '../../observe/runner/host/host.ts'
import { openHostAccess } from '../../observe/runner/host-access.ts'
import { observeVantage } from '../../observe/runner/vantage.ts'
import type { Io } from '../io.ts'

/**
 * What runs in the container that `host_snapshot` starts: inspects the host once and prints one line of JSON. Has a time limit of
 * its own, in case the regguard that started it is gone.
 */
export async function snapshotCommand(io: Io, args: string[]): Promise<number> {
  const times = readSnapshotArguments(args)
  if (!times) {
    io.write(
      'host-snapshot is internal: regguard runs it in the container that the setting host_snapshot starts.\n',
    )
    return 2
  }
  const controller = new AbortController()
  io.onSignal(() => controller.abort())
  const endTimer = io.every(times.limitMs, () => controller.abort())
  const access = openHostAccess({ signal: controller.signal, now: io.now, path: io.env.PATH ?? '' })
  const socket = { state: 'absent' as const, path: '' }
  const { namespace, hostPid } = await observeVantage({ access, env: io.env, socket, sibling: true })
  const inspection = observeHost({ access, namespace, hostPid, windowMs: times.windowMs })
  // An abort does not end a read that hangs in the kernel.
  const timedOut = new Promise<undefined>((end) => io.every(times.limitMs + 1000, () => end(undefined)))
  const view = await Promise.race([inspection, timedOut])
  endTimer()
  if (view) io.write(`${JSON.stringify(view)}\n`)
  return view ? 0 : 3
}
