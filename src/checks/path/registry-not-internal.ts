import type { NameFact } from '../../facts/path/names.ts'
import { addressesText, answerLine, libcLine } from '../../facts/queries/path/name-text.ts'
import { holds } from '../../net/ip.ts'
import { parseInternalAddresses } from '../../settings/plan/names.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'registry-not-internal',
  group: 'path',
  title: 'the names of the path resolve to internal addresses',
  fault: 'Not an internal address: a name on the path resolves to an address outside internal_addresses.',
  severity: 'error',
  advice:
    'Give the name its internal address in the DNS servers that this machine uses, or in /etc/hosts; or correct internal_addresses.',
  covers: ['connection-timeout', 'connection-refused', 'host-unreachable', 'tls-timeout', 'answer-timeout'],
  reads: ['path.names'],
  run: ({ path: { names } }, settings) => {
    const ranges = parseInternalAddresses(settings)
    if (!names || ranges.length === 0) return []
    return names.names
      .filter(({ uses }) => uses.some((use) => use === 'registry' || use === 'token' || use === 'storage'))
      .flatMap((name) => {
        const outside = usedAddresses(name).filter(
          (address) => !ranges.some((range) => holds(range, address)),
        )
        if (outside.length === 0) return []
        return [
          {
            subject: name.name,
            message: `the name of the ${name.uses.filter((use) => use !== 'names').join(', ')} resolves to ${addressesText(outside)}`,
            expected: ranges.join(', '),
            actual: addressesText(name.libc.addresses),
            evidence: [libcLine(name), ...name.answers.map((answer) => answerLine(name.name, answer))],
            explains: [name.name],
          },
        ]
      })
  },
})

/** Without those of an IP version that this machine has no route for, which clients do not use. */
function usedAddresses({ libc, dialled }: NameFact): string[] {
  const hasNoRoute = (address: string) =>
    dialled.some(
      (one) =>
        one.address === address &&
        one.attempts.length > 0 &&
        one.attempts.every(({ failure }) => failure?.sign === 'no-route'),
    )
  const used = libc.addresses.filter((address) => !hasNoRoute(address))
  return used.length > 0 ? used : libc.addresses
}
