import { proofWords } from '../../core/proof.ts'
import { bytesText, count } from '../../core/units.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'end-not-proven',
  group: 'image',
  title: 'the end of every blob was read',
  fault:
    'Partial proof: the registry ignores range requests, so large blobs were opened but not read to their end.',
  severity: 'note',
  advice: 'To read them to their end, run with `depth: full`, or raise `probe_budget`.',
  reads: ['image.blobs'],
  run: ({ image }) =>
    image.repositories.flatMap(({ name, blobs }) => {
      const opened = blobs.filter(
        ({ observed }) =>
          observed.seen && observed.value.state === 'proven' && observed.value.proof === 'opened',
      )
      const sizeBytes = opened.reduce((sum, { descriptor }) => sum + descriptor.size, 0)
      if (opened.length === 0) return []
      return [
        {
          subject: name,
          message: `${count(opened.length, 'blob')} (${bytesText(sizeBytes)}) ${proofWords.opened.one}`,
        },
      ]
    }),
})
