import { messageFor } from '../../src/observe/path/mtu/first-message.ts'
import { measureMtu } from '../../src/observe/path/mtu/measure.ts'
import { openHostAccess } from '../../src/observe/runner/host-access.ts'

// Runs in a namespace of a test: measures the path MTU to the host of a URL at an address and prints the facts as JSON.
const [url = '', address = ''] = process.argv.slice(2)
const { signal } = new AbortController()
const path = process.env.PATH ?? ''
const access = openHostAccess({ signal, now: Date.now, path })
const port = url.startsWith('http:') ? 80 : 443
const measured = await measureMtu(await messageFor(new URL(url)), { address, port, access, path, signal })
process.stdout.write(JSON.stringify(measured))
