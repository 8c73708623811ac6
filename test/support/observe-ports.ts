import { openHostAccess } from '../../src/observe/runner/host-access.ts'
import { observePorts } from '../../src/observe/runner/ports/ports.ts'
import { parseListener } from '../../src/settings/plan/listeners.ts'

// Runs in a container of a test: observes the host's ports several times, all at once or one after another, and prints each
// observation as a line of JSON. Arguments: times, `at-once` or `in-turn`, then items of the setting `listeners`.
const [times = '1', order, ...items] = process.argv.slice(2)
const access = openHostAccess({
  signal: new AbortController().signal,
  now: Date.now,
  path: process.env.PATH ?? '',
})
const listeners = items.map((item) => {
  const listener = parseListener(item)
  if (!listener) throw new Error(`not a listener: ${item}`)
  return listener
})
const observe = async () => {
  const ports = await observePorts({ access, from: 'container', listeners })
  process.stdout.write(`${JSON.stringify(ports)}\n`)
}
if (order === 'at-once') await Promise.all(Array.from({ length: Number(times) }, observe))
else for (let run = 0; run < Number(times); run += 1) await observe()
