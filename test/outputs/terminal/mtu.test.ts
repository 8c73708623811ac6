import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import { mtuLines } from '../../../src/outputs/terminal/mtu.ts'
import { registry } from '../../support/facts.ts'
import { connectionOf, endpointOf, holeOf, stalledConnection } from '../../support/mtu-facts.ts'

const linesOf = (...mtu: ReturnType<typeof endpointOf>[]) =>
  mtuLines({ mtu }).map((line) => stripVTControlCharacters(line))

test('a path MTU is one line, with its number in each direction', () => {
  expect(linesOf(endpointOf())).toEqual([
    `✓ path MTU  ${registry} 192.0.2.10:443 · inbound 1500, outbound 1500`,
  ])
})

test('a black hole is marked, and so is what was not measured', () => {
  const why = 'packets of one size arrive only sometimes'
  const missing = {
    seen: false as const,
    why: 'socat is not installed',
    remedies: ['tools' as const],
    applies: true,
  }
  expect(
    linesOf(
      endpointOf({ inbound: holeOf(1400) }, { address: '2001:db8::7' }),
      endpointOf({ outbound: { state: 'unknown', why } }),
      endpointOf({}, { measured: missing }),
    ),
  ).toEqual([
    `✗ path MTU  ${registry} [2001:db8::7]:443 · inbound 1400 (larger packets are lost), outbound 1500`,
    `? path MTU  ${registry} 192.0.2.10:443 · inbound 1500, outbound not measured (${why})`,
    `? path MTU  ${registry} 192.0.2.10:443 · not measured: socat is not installed (regguard’s own image has it)`,
  ])
})

test('an MTU that the kernel has learned after a stall is marked', () => {
  const learned = endpointOf(
    { inbound: { state: 'open', mtu: 1400 }, connection: connectionOf({ advertisedMss: 1348, pmtu: 1400 }) },
    { stall: stalledConnection() },
  )
  expect(linesOf(learned)).toEqual([
    `✗ path MTU  ${registry} 192.0.2.10:443 · inbound 1400 (learned; larger packets were lost), outbound 1500`,
  ])
})

test('without one there is no line', () => {
  expect(mtuLines({})).toEqual([])
})
