import type { Fault } from '../../core/finding.ts'
import type { NameFact } from '../../facts/path/names.ts'
import { addressesText } from '../../facts/queries/path/name-text.ts'
import { type ExpectedPins, parseExpectedPins } from '../../settings/plan/names.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'pin-missing',
  group: 'path',
  title: 'the hosts file pins the expected names',
  fault: 'Pin missing: the hosts file does not have a name that expect_pins expects.',
  severity: 'error',
  advice: 'Add the name to /etc/hosts of every node, and to “extra_hosts” of this step.',
  reads: ['path.names'],
  run: ({ path: { names } }, settings) => {
    const expected = parseExpectedPins(settings)
    if (!names || !expected) return []
    return names.names.flatMap((name) => faultOf(name, expected))
  },
})

function faultOf(name: NameFact, expected: ExpectedPins): Fault[] {
  const [pin] = expected.pins.filter((one) => one.name === name.name)
  const isOnPath = name.uses.some((use) => use === 'registry' || use === 'token' || use === 'storage')
  if (!pin && !(expected.all && isOnPath)) return []
  const found = name.libc.addresses
  const from = found.length > 0 ? `DNS gives ${addressesText(found)}` : 'DNS gives no address either'
  if (name.pins.length === 0) return [{ subject: name.name, message: `not in the hosts file; ${from}` }]
  if (pin?.address === undefined || name.pins.includes(pin.address)) return []
  return [
    {
      subject: name.name,
      title: 'Pin differs: the hosts file has another address for the name than expect_pins expects.',
      message: `pinned to ${addressesText(name.pins)}`,
      expected: pin.address,
      actual: addressesText(name.pins),
    },
  ]
}
