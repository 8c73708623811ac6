import type { NamespaceKind } from '../../src/core/model.ts'
import { observeHost } from '../../src/observe/runner/host/host.ts'
import { realWorld } from '../../src/observe/runner/host-access.ts'

// What a test runs in a namespace or container: looks at the host from there, and prints what it saw as JSON.
const {
  namespace = 'daemon',
  hostPid = false,
  windowMs = 0,
} = JSON.parse(process.argv[2] ?? '{}') as { namespace?: NamespaceKind; hostPid?: boolean; windowMs?: number }
const stop = new AbortController()
process.on('SIGTERM', () => stop.abort())
const world = realWorld({ signal: stop.signal, now: Date.now, path: process.env.PATH ?? '' })
process.stdout.write(`${JSON.stringify(await observeHost({ world, namespace, hostPid, windowMs }))}\n`)
