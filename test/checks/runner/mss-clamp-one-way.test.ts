import { expect, test } from 'vitest'
import check from '../../../src/checks/runner/mss-clamp-one-way.ts'
import { withSavedRules } from '../../support/neighbours.ts'
import { allOf, type QuietRunner, type RunnerChange, runnerFaultsOf } from '../../support/runner-facts.ts'
import { mtuOfNetworks, withUplink } from '../../support/uplink.ts'

const flags = '-p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu'

const clamped = (...rules: string[]): RunnerChange =>
  withSavedRules(
    `*mangle\n:FORWARD ACCEPT [0:0]\n${rules.map((rule) => `-A FORWARD ${rule}\n`).join('')}COMMIT\n`,
  )

const lacksServers = 'what servers announce, so guests here send packets that are too large'
const lacksGuests = 'what guests announce, so servers send packets that are too large'

test('a rule for outgoing packets only is a warning, with the rule', () => {
  expect(runnerFaultsOf(check, allOf(withUplink(1400), clamped(`-o eth0 ${flags}`)))).toEqual([
    {
      subject: 'eth0',
      severity: 'warning',
      message: `the uplink eth0 has MTU 1400; the rule does not cover ${lacksServers}`,
      evidence: [`ip mangle FORWARD: -o eth0 ${flags}`],
    },
  ])
})

test.each([
  ['into the uplink only', `-i eth0 ${flags}`, lacksGuests],
  ['to a bridge only', `-o docker0 ${flags}`, lacksGuests],
  ['from a bridge only', `-i docker0 ${flags}`, lacksServers],
  ['a pattern of interfaces', `-o eth+ ${flags}`, lacksServers],
  ['SYN without ACK', '-p tcp -m tcp --tcp-flags SYN,RST,ACK SYN -j TCPMSS --set-mss 1360', lacksServers],
  ['--syn', '-p tcp --syn -j TCPMSS --set-mss 1360', lacksServers],
])('%s', (_, rule, lacking) => {
  expect(runnerFaultsOf(check, allOf(withUplink(1400), clamped(rule)))).toMatchObject([
    { message: expect.stringContaining(lacking) },
  ])
})

const quiet: QuietRunner[] = [
  ['no rule at all', withUplink(1400)],
  ['a rule without interface', allOf(withUplink(1400), clamped(flags))],
  ['a rule for each direction', allOf(withUplink(1400), clamped(`-o eth0 ${flags}`, `-i eth0 ${flags}`))],
  ['no guest has a larger MTU', allOf(withUplink(1400), mtuOfNetworks(1400), clamped(`-o eth0 ${flags}`))],
  ['the uplink has as much as the guests', clamped(`-o eth0 ${flags}`)],
]

test.each(quiet)('no finding: %s', (_, change, given) => {
  expect(runnerFaultsOf(check, change, given)).toEqual([])
})
