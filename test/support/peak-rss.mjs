import { readFileSync, writeFileSync } from 'node:fs'

// Loaded with --import before the program; the file to write is in the query, so that the environment stays
// clean. JavaScript, because stripping types would itself take some 18 MB and be measured with the program.
const file = new URL(import.meta.url).searchParams.get('file')

process.on('exit', () => {
  const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]
  if (file !== null && peak !== undefined) writeFileSync(file, peak)
})
