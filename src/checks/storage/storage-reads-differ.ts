import { shortDigest } from '../../oci/digest.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'storage-reads-differ',
  group: 'storage',
  title: 'files read twice have the same content',
  fault: 'Unsteady reads: two readings of one file gave different content, so the memory or the disk fails.',
  severity: 'error',
  advice:
    'Test the memory of the host (memtest86+), look at its kernel log and at the state of its disks (smartctl -a), and push nothing from or to it meanwhile.',
  reads: ['storage.hashes'],
  run: ({ storage: { root, hashes } }) => {
    const wrong = hashes?.seen ? hashes.value.wrong : []
    return wrong
      .filter(({ again }) => again !== 'same')
      .map(({ digest, actual, again }) => ({
        subject: digest,
        message: `the first reading gave ${shortDigest(actual)}, the second ${again === 'right' ? 'the right content' : 'something else again'}`,
        digest,
        cause: root,
      }))
  },
})
