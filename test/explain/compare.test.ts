import { expect, test } from 'vitest'
import { compareViews, type View } from '../../src/explain/compare.ts'
import type { LegFact } from '../../src/facts/path/leg.ts'
import { answeredAttempt, endpointLeg, failedAttempt } from '../support/legs.ts'

const fine = answeredAttempt()
const stalled = failedAttempt('tls-timeout', 'tls')
const leg = (address: string, ...attempts: LegFact['addresses'][number]['attempts']) =>
  endpointLeg('ghcr.io', { [address]: attempts })

const view = (vantage: string, ...legs: LegFact[]): View => ({ vantage, legs, at: 0 })
const verdicts = (...views: View[]) => compareViews(views).map(({ verdict }) => verdict)

test('a leg that answers everywhere fails nowhere', () => {
  expect(verdicts(view('vm', leg('203.0.113.1', fine)), view('host', leg('203.0.113.1', fine)))).toEqual([
    { where: 'nowhere' },
  ])
})

test('a leg that fails from one of several vantages names it, also where it fails only sometimes', () => {
  expect(
    verdicts(
      view('vm', leg('203.0.113.1', fine, stalled, fine)),
      view('host', leg('203.0.113.1', fine)),
      view('node3', leg('203.0.113.1', fine)),
    ),
  ).toEqual([{ where: 'some', vantages: ['vm'] }])
})

test('a leg that fails from all is no matter of one machine', () => {
  expect(
    verdicts(view('vm', leg('203.0.113.1', stalled)), view('host', leg('203.0.113.1', stalled))),
  ).toEqual([{ where: 'everywhere' }])
})

test('a public address that fails where an internal one answers is named before the machines', () => {
  expect(verdicts(view('node3', leg('203.0.113.1', stalled)), view('node1', leg('10.0.0.5', fine)))).toEqual([
    { where: 'public-address', addresses: ['203.0.113.1'], answering: ['10.0.0.5'], vantages: ['node3'] },
  ])
})

test('the same address failing from one machine only is no matter of public addresses', () => {
  expect(verdicts(view('node3', leg('10.0.0.5', stalled)), view('node1', leg('10.0.0.5', fine)))).toEqual([
    { where: 'some', vantages: ['node3'] },
  ])
})

test('a leg that one run alone probed is unclear, and the others are undefined there', () => {
  const other = endpointLeg('quay.io', { '203.0.113.9': [stalled] })
  const [first, second] = compareViews([
    view('vm', leg('203.0.113.1', fine), other),
    view('host', leg('203.0.113.1', fine)),
  ])
  expect(first?.verdict).toEqual({ where: 'nowhere' })
  expect(second).toMatchObject({
    url: 'https://quay.io/v2/',
    seen: [other, undefined],
    verdict: { where: 'unclear' },
  })
})

test('an IP version that a machine has no route for is no failure, nor a matter of public addresses', () => {
  const noRoute = failedAttempt('host-unreachable', 'connect')
  if (noRoute.failure) noRoute.failure.sign = 'no-route'
  const dual = endpointLeg('registry.lab', { '10.0.0.5': [fine], '2001:db8::1': [noRoute] })
  expect(verdicts(view('vm', dual), view('host', dual))).toEqual([{ where: 'nowhere' }])
})

test('legs behind a proxy, and those of a run that was cut off, have no outcome', () => {
  const proxied = { ...leg('203.0.113.1'), proxy: 'proxy.lab:3128' }
  const stopped = leg('203.0.113.1', failedAttempt('run-stopped', 'request'))
  expect(verdicts(view('vm', proxied), view('host', stopped))).toEqual([{ where: 'unknown' }])
  expect(verdicts(view('vm', leg('203.0.113.1', stalled)), view('host', stopped))).toEqual([
    { where: 'unclear' },
  ])
})
