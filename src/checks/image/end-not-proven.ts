import { bytesText, count } from '../../core/units.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'end-not-proven',
  group: 'image',
  title: 'every blob was read to where it proves something',
  fault: 'The registry ignores ranges, so large blobs were only opened: their ends are not proven.',
  severity: 'note',
  advice: 'To prove them, run with `depth: full`, or raise `probe_budget`.',
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
          message: `${count(opened.length, 'blob')} of ${bytesText(sizeBytes)} opened, end not proven`,
        },
      ]
    }),
})
