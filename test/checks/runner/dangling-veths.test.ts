import { expect, test } from 'vitest'
import check from '../../../src/checks/runner/dangling-veths.ts'
import type { LinkFact } from '../../../src/facts/runner.ts'
import {
  allOf,
  bridgeOf,
  linkOf,
  type QuietRunner,
  runnerFaultsOf,
  second,
  withChurn,
  withLink,
  woodpeckerNetwork,
} from '../../support/runner-facts.ts'

const bridge = bridgeOf(woodpeckerNetwork)
const veths = (count: number, change: Partial<LinkFact> = {}) =>
  allOf(
    ...Array.from({ length: count }, (_, at) =>
      withLink(linkOf(`veth${(0xabcdef0 + at).toString(16)}`, 100 + at, { kind: 'veth', ...change })),
    ),
  )

test('veths that are attached to nothing', () => {
  expect(runnerFaultsOf(check, veths(40))).toMatchObject([
    { severity: 'warning', message: '40 veth interfaces without a container' },
  ])
})

test('more veths on a bridge than its network has containers', () => {
  expect(runnerFaultsOf(check, veths(8, { master: bridge }))).toMatchObject([
    {
      message: '8 veth interfaces without a container',
      evidence: [`${bridge}: 9 veths, 1 running container`],
    },
  ])
})

test.each<QuietRunner>([
  ['a healthy runner', () => {}],
  ['a few, as while containers start', veths(4)],
  ['veths with addresses, as of a CNI plugin', veths(40, { addresses: ['10.42.0.1/32'] })],
  ['veths on a bridge of another program', veths(40, { master: 'cni0' })],
  [
    'containers that started meanwhile',
    allOf(
      veths(8, { master: bridge }),
      withChurn(...Array.from({ length: 8 }, () => ({ ago: 4 * second, what: 'attach' as const, bridge }))),
    ),
  ],
])('%s: no finding', (_sentence, change) => {
  expect(runnerFaultsOf(check, change)).toEqual([])
})
