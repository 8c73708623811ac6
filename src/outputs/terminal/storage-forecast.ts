import { bytesText, count } from '../../core/units.ts'
import type { Report } from '../../report/schema.ts'

type Storage = NonNullable<Report['storage']>
type Run = NonNullable<Storage['forecast']>[number]

/** What the next garbage collection frees, where it does anything, and whether a dry run agrees. Harm has findings of its own. */
export function forecastLines({ forecast = [], dryRun, unread }: Storage): string[] {
  if (forecast.length === 0) return []
  const isPartial = unread.count > 0
  if (isPartial && !forecast.every(({ partial }) => partial))
    return ['          no forecast of the next garbage-collect: a part of the storage was not read']
  const told = forecast.filter(({ likelihood }) => likelihood !== 'comparison')
  const lines = [false, true].flatMap((flag) => {
    const runs = told.filter(({ deleteUntagged }) => deleteUntagged === flag)
    const texts = new Set(runs.map(freedText))
    const name = `next garbage-collect${flag ? ' --delete-untagged' : ''}`
    if (texts.size < 2) return runs.slice(0, 1).flatMap((run) => lineOf(name, run))
    return runs.flatMap((run) => lineOf(`${name} of registry ${run.version}`, run))
  })
  const compared =
    dryRun?.state === 'agrees'
      ? [`          the dry run agrees with the forecast: ${count(dryRun.deletions ?? 0, 'deletion')}`]
      : []
  const limits = isPartial
    ? ['          the forecast covers what was read; the rest may lose more, and may need what is lost here']
    : []
  return [...limits, ...lines, ...compared]
}

const lineOf = (name: string, run: Run): string[] => {
  const text = freedText(run)
  return text === '' ? [] : [`          ${name}: ${text}`]
}

function freedText({ aborts, blobs, bytes, revisions, partial }: Run): string {
  // What was not read may need any of the blobs.
  if (partial) return aborts > 0 ? `stops at ${count(aborts, 'place')}` : ''
  const untagged = revisions > 0 ? `, removes ${count(revisions, 'manifest')} without a tag` : ''
  const freed = blobs > 0 ? `frees ${bytesText(bytes)} in ${count(blobs, 'blob')}${untagged}` : ''
  if (aborts === 0) return freed
  return `stops at ${count(aborts, 'place')}${freed === '' ? '' : `; without that, it ${freed}`}`
}
