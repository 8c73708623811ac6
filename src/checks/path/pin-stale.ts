import { failureInfo } from '../../core/failure.ts'
import type { Fault } from '../../core/finding.ts'
import { failuresIn } from '../../facts/queries/image/failures.ts'
import { addressesFromDns, aliveBesidePins, dialledLine } from '../../facts/queries/path/dialled.ts'
import { isInternal } from '../../facts/queries/path/disagreements.ts'
import { addressesText, answerLine } from '../../facts/queries/path/name-text.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'pin-stale',
  group: 'path',
  title: 'every pin leads to a host that answers',
  fault:
    'Stale pin: the hosts file pins a name to an address that does not answer, while DNS has one that does.',
  severity: 'error',
  advice:
    'Correct the address in /etc/hosts on every node, and in “extra_hosts” of steps; the same address may also be in mirror files (hosts.toml, registries.yaml).',
  covers: ['connection-timeout', 'connection-refused', 'host-unreachable'],
  reads: ['path.names'],
  consults: ['path.requests'],
  run: ({ path: { names }, image, registry }, { expect_pins: expected }) => {
    if (!names) return []
    const dead = failuresIn({ image, registry })
      .filter(({ why }) => failureInfo(why.kind).noAnswer && why.phase === 'connect')
      .flatMap(({ why }) => why.addresses ?? [])
    return names.names.flatMap((name): Fault[] => {
      const stale = name.pins.filter((pin) => dead.includes(pin))
      const alive = aliveBesidePins(name)
      if (stale.length > 0 && alive.length > 0)
        return [
          {
            subject: name.name,
            message: `pinned to ${addressesText(stale)}, which does not answer; ${alive.map(({ address }) => address).join(', ')} does`,
            evidence: [
              ...name.dialled.map(dialledLine),
              ...name.answers.map((one) => answerLine(name.name, one)),
            ],
            explains: [name.name],
          },
        ]
      const inside = addressesFromDns(name).filter(isInternal)
      const differs =
        name.pins.length > 0 && inside.length > 0 && !inside.some((one) => name.pins.includes(one))
      if (!differs || expected.length === 0) return []
      return [
        {
          subject: name.name,
          severity: 'note',
          title: 'Pin differs from DNS: DNS servers give another internal address than the hosts file.',
          message: `pinned to ${addressesText(name.pins)}; DNS gives ${addressesText(inside)}`,
          advice: 'Check which of the two is right before the pinned address goes away.',
        },
      ]
    })
  },
})
