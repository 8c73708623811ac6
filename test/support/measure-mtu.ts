import { messageFor } from '../../src/observe/path/mtu/first-message.ts'
import { measureMtu } from '../../src/observe/path/mtu/measure.ts'
import { openHostAccess } from '../../src/observe/runner/host-access.ts'

// Runs in a namespace of a test: measures the path MTU to each address given and prints the facts as JSON, one per line.
const [port = '443', ...addresses] = process.argv.slice(2)
const { signal } = new AbortController()
const path = process.env.PATH ?? ''
const access = openHostAccess({ signal, now: Date.now, path })
for (const address of addresses) {
  const message = await messageFor({ protocol: 'https', hostname: 'registry.test' })
  const measured = await measureMtu(message, { address, port: Number(port), access, path, signal })
  process.stdout.write(`${JSON.stringify(measured)}\n`)
}
