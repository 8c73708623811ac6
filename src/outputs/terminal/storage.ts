import { bytesText, count, durationText } from '../../core/units.ts'
import { registryPlaceholder } from '../../explain/storage/place.ts'
import { shortDigest } from '../../oci/digest.ts'
import type { Report } from '../../report/schema.ts'
import { clean } from './clean.ts'
import type { Block } from './images.ts'
import { mark, paint } from './paint.ts'
import { forecastLines } from './storage-forecast.ts'

/** What the storage holds, in one line. */
export function storageBlocks({ storage, groups, causes }: Report): Block[] {
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
  return [
    {
      title: `${mark(verdict.status)} ${paint.bold('storage')} ${parts.join(' · ')}`,
      lines: [
        ...imageLines(storage),
        ...hashLines(storage),
        ...forecastLines(storage),
        ...placeholderLines(causes),
      ],
    },
  ]
}

type Storage = NonNullable<Report['storage']>

/** How far a full pass of hashing came, and which files have holes. */
function hashLines({ hashes }: Storage): string[] {
  return [...passLines(hashes), ...holeLines(hashes)]
}

/** So many files are named. */
const maxNamed = 3

/** Holes prove nothing by themselves: what they do to the content, a hash shows. */
function holeLines(hashes: Storage['hashes']): string[] {
  const { count: number, first = [] } = hashes?.sparse ?? { count: 0 }
  if (number === 0) return []
  const named = first.slice(0, maxNamed)
  const more = number > named.length ? ` and ${number - named.length} more` : ''
  const isChecked = hashes?.full === true && hashes.left.count === 0
  return [
    `          ${count(number, 'data file')} with holes: ${named.map(shortDigest).join(', ')}${more}${isChecked ? '' : '; “hash: true” shows whether a part was never written'}`,
  ]
}

function passLines(hashes: Storage['hashes']): string[] {
  if (!hashes?.full) return []
  const { hashed, known, left, why } = hashes
  if (why !== undefined) return [`          not hashed: ${clean(why)}`]
  const parts = [
    `${count(hashed.count, 'blob')} hashed (${bytesText(hashed.bytes)})`,
    ...(known.count > 0 ? [`${known.count} in earlier runs`] : []),
    ...(left.count > 0 ? [`${left.count} left (${bytesText(left.bytes)})`] : []),
  ]
  return [`          ${parts.join(', ')}`]
}

/** How many tagged images can be pulled, where some cannot. */
function imageLines({ images }: Storage): string[] {
  if (!images || images.whole === images.tagged) return []
  const unknown = images.unknown > 0 ? `, ${images.unknown} could not be judged` : ''
  return [
    `          ${images.whole} of ${count(images.tagged, 'tagged image')} can be pulled whole${unknown}${images.more > 0 ? `; ${images.more} more broken ones are not listed` : ''}`,
  ]
}

/** What stands in commands for what is not known, told once. */
function placeholderLines(causes: Report['causes']): string[] {
  const commands = causes.flatMap(({ commands: first = [], also = [] }) => [
    ...first,
    ...also.flatMap((one) => one.commands ?? []),
  ])
  const needsUrl = commands.some((command) => command.includes(`${registryPlaceholder}/`))
  return needsUrl
    ? [
        `          ${registryPlaceholder} in commands: the URL of the registry, such as http://127.0.0.1:5000; where it asks for a login, add -u USER to curl`,
      ]
    : []
}
