import { observeDocker } from '../../src/observe/runner/docker/docker.ts'
import { takeSnapshot } from '../../src/observe/runner/docker/sibling.ts'
import { openEngine } from '../../src/observe/runner/docker/socket.ts'
import { openHostAccess } from '../../src/observe/runner/host-access.ts'
import { observeInterfaces } from '../../src/observe/runner/interfaces.ts'
import { containerKind, observeVantage } from '../../src/observe/runner/vantage.ts'

// Runs inside containers of tests: observes the runner from there and prints the facts as one line of JSON.
const { socket: setting, snapshotMs } = JSON.parse(process.argv[2] ?? '{}') as {
  socket?: string
  /** Takes a snapshot that may last this long. */
  snapshotMs?: number
}
const stop = new AbortController()
process.on('SIGTERM', () => stop.abort())
const { env } = process
const access = openHostAccess({ signal: stop.signal, now: Date.now, path: env.PATH ?? '' })
const connection = await openEngine({
  ...(setting ? { setting } : {}),
  env,
  uid: access.uid,
  signal: stop.signal,
})
const { engine, networks, churn } = await observeDocker({
  ...{ connection, container: await containerKind(access, env), now: access.now },
})
const vantage = await observeVantage({ access, env, socket: connection.socket, engine, networks })
const interfaces = await observeInterfaces(access)
const snapshot =
  snapshotMs !== undefined && connection.api
    ? await takeSnapshot({ api: connection.api, access, windowMs: 0, limitMs: snapshotMs })
    : undefined
const seen = { vantage, engine, networks, interfaces, snapshot, churn: await churn() }
await connection.api?.close()
process.stdout.write(`${JSON.stringify(seen)}\n`)
