import { setTimeout as sleep } from 'node:timers/promises'
import { record } from '../../src/observe/recorder/record.ts'
import { openHostAccess } from '../../src/observe/runner/host-access.ts'
import { healthyRunner } from './runner-facts.ts'

// Started and killed by a test: records healthy facts, with an outage in every tenth sample, until it is stopped.
const [dir = '', everyMs = '5'] = process.argv.slice(2)
const stop = new AbortController()
process.on('SIGTERM', () => stop.abort())
let count = 0
const recording = await record({
  dir,
  durationMs: 60_000,
  everyMs: Number(everyMs),
  roomBytes: 40_000,
  access: openHostAccess({ signal: stop.signal, now: Date.now, path: '' }),
  observe: async () => {
    count += 1
    await sleep(1)
    return { ...healthyRunner(), at: Date.now() }
  },
  isOutage: () => count % 10 === 0,
})
process.stdout.write(JSON.stringify(recording))
