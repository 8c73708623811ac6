import type { Fault } from '../../core/finding.ts'
import { count } from '../../core/units.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'gc-forecast-differs',
  group: 'storage',
  title: 'the dry run of the registry deletes what the forecast says',
  fault: 'The dry run differs from the forecast: the registry deletes something else than was forecast.',
  severity: 'warning',
  advice: 'Run garbage-collect --dry-run again, on this storage as it is now, and compare again.',
  reads: ['storage.images'],
  run: ({ storage: { forecast } }, settings): Fault[] => {
    const dryRun = forecast?.dryRun
    const subject = settings.forecast_check ?? 'forecast_check'
    if (dryRun?.state === 'unusable')
      return [
        {
          subject,
          message: dryRun.why,
          title: 'The dry run cannot be compared with the forecast.',
          advice:
            'Write the whole output of garbage-collect --dry-run into the file, without --quiet, and its errors too (2>&1).',
          cause: 'unusable',
        },
      ]
    if (dryRun?.state !== 'compared') return []
    const { version, deleteUntagged, same, onlyDryRun, onlyForecast } = dryRun
    if (onlyDryRun.total + onlyForecast.total === 0) return []
    const flag = deleteUntagged ? ' with --delete-untagged' : ''
    return [
      {
        subject,
        message: `compared with registry ${version}${flag}: ${count(same, 'deletion')} in both, ${onlyDryRun.total} only in the dry run, ${onlyForecast.total} only in the forecast`,
        evidence: [
          ...onlyDryRun.first.slice(0, 10).map((what) => `only in the dry run: ${what}`),
          ...onlyForecast.first.slice(0, 10).map((what) => `only in the forecast: ${what}`),
        ],
        because:
          'The storage changed since the dry run, or the dry run was of another storage, version or flag.',
        cause: 'differs',
      },
    ]
  },
})
