import { openHostAccess } from '../../src/observe/runner/host-access.ts'
import { observePorts } from '../../src/observe/runner/ports/ports.ts'
import { parseListener } from '../../src/settings/plan/listeners.ts'

// What a container of a test runs: observes the host's ports so many times, all at once or one after another, and prints
// each look as a line of JSON. Arguments: times, `at-once` or `in-turn`, then items of the setting `listeners`.
const [times = '1', order, ...items] = process.argv.slice(2)
const access = openHostAccess({
  signal: new AbortController().signal,
  now: Date.now,
  path: process.env.PATH ?? '',
})
const listeners = items.map((item) => {
  const listener = parseListener(item)
  if (!listener) throw new Error(`no listener: ${item}`)
  return listener
})
const observe = async () => {
  const look = await observePorts({ access, from: 'container', listeners })
  process.stdout.write(`${JSON.stringify(look)}\n`)
}
if (order === 'at-once') await Promise.all(Array.from({ length: Number(times) }, observe))
else for (let run = 0; run < Number(times); run += 1) await observe()
