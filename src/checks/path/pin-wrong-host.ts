import type { Fault } from '../../core/finding.ts'
import { failuresIn } from '../../facts/queries/image/failures.ts'
import { aliveBesidePins, dialledLine } from '../../facts/queries/path/dialled.ts'
import { addressesText } from '../../facts/queries/path/name-text.ts'
import { defineCheck } from '../define.ts'

/** What another host at the pinned address does with requests that were meant for the registry. */
const wrongHost = new Set([
  'tls-name-mismatch',
  'tls-untrusted',
  'tls-failed',
  'tls-plain-http',
  'not-a-registry',
])

export default defineCheck({
  id: 'pin-wrong-host',
  group: 'path',
  title: 'every pin leads to the right host',
  fault:
    'Pin to the wrong host: another host answers at the address in the hosts file; the address from DNS has the right one.',
  severity: 'error',
  advice: 'Correct the address in /etc/hosts on every node, and in “extra_hosts” of steps.',
  covers: ['tls-name-mismatch', 'tls-untrusted', 'tls-failed', 'tls-plain-http', 'not-a-registry'],
  reads: ['path.names'],
  consults: ['path.requests'],
  run: ({ path: { names }, image, registry }) => {
    if (!names) return []
    const failures = failuresIn({ image, registry }).filter(({ why }) => wrongHost.has(why.kind))
    return names.names.flatMap((name): Fault[] => {
      const failure = failures.find(({ why }) => new URL(`https://${why.host}`).hostname === name.name)
      const alive = aliveBesidePins(name)
      if (!failure || name.pins.length === 0 || alive.length === 0) return []
      return [
        {
          subject: name.name,
          message: `pinned to ${addressesText(name.pins)}: ${failure.why.detail}; ${alive.map(({ address }) => address).join(', ')} answers as this host`,
          evidence: name.dialled.map(dialledLine),
          explains: [name.name],
        },
      ]
    })
  },
})
