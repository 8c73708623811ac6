import { bytesText, count, durationText } from '../../core/units.ts'
import type { Report } from '../../report/schema.ts'
import { clean } from './clean.ts'
import type { Block } from './images.ts'
import { mark, paint } from './paint.ts'

/** What the storage holds, in one line. */
export function storageBlocks({ storage, groups }: Report): Block[] {
  const verdict = groups.find(({ group }) => group === 'storage')
  if (!storage || !verdict) return []
  const { counts, isCache, readMs = 0, why = '' } = storage
  const parts = [
    `${clean(storage.root)}${isCache ? ' (pull-through cache)' : ''}`,
    ...(counts
      ? [
          [
            count(counts.repositories, 'repository', 'repositories'),
            count(counts.tags, 'tag'),
            count(counts.blobs, 'blob'),
            bytesText(counts.bytes),
          ].join(', '),
          durationText(readMs),
        ]
      : [`not inspected: ${clean(why)}`]),
    ...(storage.unread.count > 0 ? [`${storage.unread.count} not read`] : []),
  ]
  return [{ title: `${mark(verdict.status)} ${paint.bold('storage')} ${parts.join(' · ')}`, lines: [] }]
}
