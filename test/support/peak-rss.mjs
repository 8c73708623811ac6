import { readFileSync, writeFileSync } from 'node:fs'

// Loaded with --import before the program. The output file is in the query, so that the environment stays clean. This is
// JavaScript because type stripping takes about 18 MB, which would be measured with the program.
const file = new URL(import.meta.url).searchParams.get('file')

process.on('exit', () => {
  const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]
  const { user, system } = process.cpuUsage()
  if (file !== null && peak !== undefined) writeFileSync(file, `${peak} ${(user + system) / 1e6}`)
})
