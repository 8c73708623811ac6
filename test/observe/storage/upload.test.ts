import { execa } from 'execa'
import { expect, test } from 'vitest'
import { repairCommand } from '../../../src/explain/storage/commands.ts'
import type { RepairStep } from '../../../src/facts/storage/repair.ts'

const digest = `sha256:${'ab'.repeat(32)}`
const place = {
  root: '/srv',
  base: '',
  driver: 'filesystem',
  container: 'registry',
  registry: 'http://[::1]:5000',
} as const
const step: RepairStep = { action: 'upload-blob', repository: 'app', digest, bytes: 1, images: [] }

test.each([
  ['/v2/app/blobs/uploads/id?_state=a', 'http://[::1]:5000/v2/app/blobs/uploads/id?_state=a'],
  [
    'http://other:5000/v2/app/blobs/uploads/id?_state=a',
    'http://other:5000/v2/app/blobs/uploads/id?_state=a',
  ],
])('in a shell, an upload goes on at %s', async (location, url) => {
  const { command = '' } = repairCommand(step, place)
  // Answers the request for an upload, and prints where the bytes are sent.
  const curl = `curl() { case $* in *POST*) printf 'HTTP/1.1 202 Accepted\\r\\nLocation: ${location}\\r\\n';; *) shift 3; printf %s "$1";; esac; }`
  const { stdout } = await execa('sh', ['-c', `${curl}\n${command}`])
  expect(stdout).toBe(`${url}&digest=${digest}`)
})
