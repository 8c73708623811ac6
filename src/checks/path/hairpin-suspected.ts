import type { Fault } from '../../core/finding.ts'
import { count } from '../../core/units.ts'
import type { NameFact } from '../../facts/path/names.ts'
import { failuresIn } from '../../facts/queries/image/failures.ts'
import { dialledLine } from '../../facts/queries/path/dialled.ts'
import { isInternal } from '../../facts/queries/path/disagreements.ts'
import { hairpinSigns } from '../../facts/queries/path/hairpin.ts'
import { answerLine } from '../../facts/queries/path/name-text.ts'
import { parseInternalAddresses } from '../../settings/plan/names.ts'
import { defineCheck } from '../define.ts'

/** One sign alone has other explanations. */
const minSigns = 2

export default defineCheck({
  id: 'hairpin-suspected',
  group: 'path',
  title: 'the way to the registry does not turn round at the own router',
  fault:
    'Hairpin suspected: the name leads to a public address of the own network, so pulls depend on NAT reflection in the router.',
  severity: 'warning',
  advice:
    'Give the name its internal address on every node: in the DNS servers that the nodes use, or in /etc/hosts (registry, token server and storage alike).',
  covers: [
    'registry-not-internal',
    'connection-timeout',
    'connection-refused',
    'host-unreachable',
    'tls-timeout',
    'answer-timeout',
  ],
  reads: ['path.names'],
  consults: ['path.requests'],
  run: ({ path, image, registry }, settings) => {
    const { names } = path
    if (!names) return []
    const ranges = parseInternalAddresses(settings)
    const failing = failuresIn({ image, registry }).flatMap(({ why }) => why.addresses ?? [])
    return names.names
      .filter(({ uses }) => uses.some((use) => use !== 'names' && use !== 'endpoint'))
      .flatMap((name): Fault[] => {
        const signs = hairpinSigns(name, path, ranges)
        if (signs.length < minSigns) return []
        return [
          faultOf(
            name,
            signs,
            name.libc.addresses.some((address) => failing.includes(address)),
          ),
        ]
      })
  },
})

function faultOf(name: NameFact, signs: string[], isFailing: boolean): Fault {
  const answers = name.answers.filter(({ ipv4 }) => ipv4.addresses.some(isInternal))
  return {
    subject: name.name,
    severity: isFailing ? 'error' : 'warning',
    message: `resolves to ${name.libc.addresses.join(', ')}; ${count(signs.length, 'independent sign')} of a hairpin`,
    because: `${signs.join('; ')}.`,
    evidence: [...answers.map((answer) => answerLine(name.name, answer)), ...name.dialled.map(dialledLine)],
    explains: [name.name],
  }
}
