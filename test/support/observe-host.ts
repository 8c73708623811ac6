import type { NamespaceKind } from '../../src/facts/runner.ts'
import { observeHost } from '../../src/observe/runner/host/host.ts'
import { openHostAccess } from '../../src/observe/runner/host-access.ts'

// Runs in a namespace or container of a test: observes the host from there and prints the facts as JSON.
const {
  namespace = 'daemon',
  hostPid = false,
  windowMs = 0,
} = JSON.parse(process.argv[2] ?? '{}') as { namespace?: NamespaceKind; hostPid?: boolean; windowMs?: number }
const stop = new AbortController()
process.on('SIGTERM', () => stop.abort())
const access = openHostAccess({ signal: stop.signal, now: Date.now, path: process.env.PATH ?? '' })
process.stdout.write(`${JSON.stringify(await observeHost({ access, namespace, hostPid, windowMs }))}\n`)
