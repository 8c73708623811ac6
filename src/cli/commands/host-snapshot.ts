import { readSnapshotArguments } from '../../observe/runner/docker/sibling-request.ts'
import { observeHost } from '../../observe/runner/host/host.ts'
import { openHostAccess } from '../../observe/runner/host-access.ts'
import { observeVantage } from '../../observe/runner/vantage.ts'
import type { Io } from '../io.ts'

/**
 * What a sibling runs, started by `host_snapshot`: it looks at the host once and prints one line of JSON. It ends at its own
 * limit, too, should whoever started it be gone.
 */
export async function snapshotCommand(io: Io, args: string[]): Promise<number> {
  const times = readSnapshotArguments(args)
  if (!times) {
    io.write('host-snapshot is what regguard runs beside itself; it is no command for a person.\n')
    return 2
  }
  const controller = new AbortController()
  io.onSignal(() => controller.abort())
  const endTimer = io.every(times.limitMs, () => controller.abort())
  const access = openHostAccess({ signal: controller.signal, now: io.now, path: io.env.PATH ?? '' })
  const socket = { state: 'absent' as const, path: '' }
  const { namespace, hostPid } = await observeVantage({ access, env: io.env, socket, sibling: true })
  const looking = observeHost({ access, namespace, hostPid, windowMs: times.windowMs })
  // A read that hangs in the kernel heeds no signal.
  const late = new Promise<undefined>((end) => io.every(times.limitMs + 1000, () => end(undefined)))
  const view = await Promise.race([looking, late])
  endTimer()
  if (view) io.write(`${JSON.stringify(view)}\n`)
  return view ? 0 : 3
}
