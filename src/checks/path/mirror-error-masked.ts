import type { MirrorPull, WalkedLeg } from '../../facts/path/mirrors.ts'
import { legText, placedOutcome } from '../../facts/queries/path/mirrors.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'mirror-error-masked',
  group: 'path',
  title: 'the runtime reports the failure that matters',
  fault:
    'Masked error: the runtime reports “not found”, the answer of a mirror, while another leg of the pull failed.',
  severity: 'warning',
  advice: 'Repair the leg that failed. The image is not missing: do not push or rebuild it.',
  reads: ['path.mirrors'],
  run: ({ path: { mirrors } }) =>
    (mirrors?.pulls ?? []).flatMap((pull) => {
      const told = legAt(pull, pull.told)
      const masked = pull.masked.flatMap((url) => legAt(pull, url) ?? []).filter(isFailing)
      const [first] = masked
      if (pull.ok || told?.status !== 404 || !first) return []
      return [
        {
          subject: pull.reference,
          message: `${pull.runtime} reports “not found” of ${told.leg.host}; what failed is ${first.leg.host}: ${placedOutcome(first)}`,
          evidence: [legText(told), ...masked.map(legText)],
          cause: `${told.leg.host} ${first.leg.host}`,
        },
      ]
    }),
})

const legAt = ({ endpoints }: MirrorPull, url = ''): WalkedLeg | undefined =>
  endpoints.flatMap(({ legs }) => legs).find(({ leg }) => leg.url === url)

const isFailing = ({ failure, status = 0 }: WalkedLeg): boolean => failure !== undefined || status >= 500
