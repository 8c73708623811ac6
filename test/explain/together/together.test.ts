import { describe, expect, test } from 'vitest'
import type { FailureKind } from '../../../src/core/failure.ts'
import { togetherLines } from '../../../src/outputs/terminal/together.ts'
import { reportOf } from '../../report/reports.ts'
import { absent, all, type Change, unseen, withBlob, withManifest } from '../../support/facts.ts'
import { endpointOf, holeOf, withMtu } from '../../support/mtu-facts.ts'
import { areaIn, healthyRunner } from '../../support/runner-facts.ts'

const everyGroup = { checks: 'image,registry,path,runner' }
const withRunner: Change = (facts) => {
  facts.runner = healthyRunner()
}
/** Docker’s networks are larger than the uplink, so that the handshake stalls. */
const tooLargeNetworks: Change = (facts) => {
  withRunner(facts)
  if (facts.runner)
    for (const link of areaIn(facts.runner, 'links')) if (link.name === 'eth0') link.mtu = 1400
  withMtu(endpointOf({ inbound: holeOf(1400) }))(facts)
  withBlob('base layer', unseen('tls-timeout'))(facts)
}
const failing = (kind: FailureKind): Change => withBlob('base layer', unseen(kind, 'cdn.example.com'))
const orphaned = withManifest('arm64', absent())

describe('one verdict over several groups', () => {
  test('names what came first above what follows from it, with its rivals', () => {
    const report = reportOf(tooLargeNetworks, { given: everyGroup })
    expect(report.causes.map(({ id, severity }) => [id, severity])).toEqual([
      ['docker-mtu-exceeds-uplink', 'warning'],
      ['tls-handshake-timeout-pmtu', 'error'],
    ])
    expect(togetherLines(report)).toEqual([
      'docker-mtu-exceeds-uplink (runner) came first; tls-handshake-timeout-pmtu (path) follows from it: the path carries packets of up to 1400 bytes, which is the MTU of the uplink eth0.',
      'Not ruled out: the image (1 of its 14 objects could not be inspected); the registry (it answered no request).',
    ])
  })

  test('tells an image that is incomplete apart from a path that fails, once for all of them', () => {
    const report = reportOf(all(orphaned, withBlob('amd64 layer', absent()), failing('connection-timeout')))
    expect(togetherLines(report)).toEqual([
      'orphaned-index (image), layer-missing (image) have nothing to do with connection-timeout (path): the registry answered the requests for it, so they were not lost on the way.',
      'Not ruled out: the registry (it answered no request).',
    ])
  })

  test('says that nothing connects faults where nothing does', () => {
    const report = reportOf(all(withBlob('amd64 layer', unseen('bad-credentials')), failing('tls-untrusted')))
    expect(togetherLines(report)[0]).toBe(
      'Nothing observed connects these: bad-credentials (registry), tls-untrusted (path).',
    )
  })

  test('names what is listed with a cause of another group', () => {
    const report = reportOf(
      (facts) => {
        withRunner(facts)
        if (facts.runner)
          facts.runner.egress = {
            ...{ device: 'eth0', gateway: '172.18.0.1', addresses: [], reached: false, hop: 'no route' },
            silentHosts: ['cdn.example.com', 'ghcr.io'],
          }
        failing('connection-timeout')(facts)
      },
      { given: everyGroup },
    )
    expect(togetherLines(report)[0]).toBe(
      'step-no-egress (runner) came first: connection-timeout (path) is listed with it.',
    )
  })

  test('names causes by what they are about where several have one id', () => {
    const report = reportOf(
      all(
        orphaned,
        withBlob('amd64 layer', unseen('connection-timeout', 'a.example.com')),
        failing('connection-timeout'),
      ),
    )
    const why = 'the registry answered the requests for it, so they were not lost on the way'
    expect(togetherLines(report).slice(0, -1)).toEqual(
      ['cdn.example.com', 'a.example.com'].map(
        (host) => `orphaned-index (image) has nothing to do with connection-timeout (path, ${host}): ${why}.`,
      ),
    )
  })

  test('lists a host with the missing egress only where it is silent', () => {
    const report = reportOf(
      all(
        withRunner,
        ({ runner }) => {
          if (runner)
            runner.egress = {
              ...{ device: 'eth0', gateway: '172.18.0.1', addresses: [], reached: false, hop: 'no route' },
              silentHosts: ['cdn.example.com'],
            }
        },
        withBlob('amd64 layer', unseen('connection-timeout', 'internal.lan:5000')),
        failing('connection-timeout'),
      ),
      { given: everyGroup },
    )
    expect(togetherLines(report).slice(0, 2)).toEqual([
      'step-no-egress (runner) came first: connection-timeout (path) is listed with it.',
      'Nothing observed connects connection-timeout (path, internal.lan:5000) with the others.',
    ])
  })

  test('hides no finding', () => {
    const change = all(tooLargeNetworks, orphaned)
    const { causes, totals, checks } = reportOf(change, { given: everyGroup })
    const listed = causes.flatMap(({ findings }) => findings).length
    expect(listed).toBe(checks.reduce((sum, { findings }) => sum + findings, 0))
    expect(totals.findings).toBeGreaterThan(2)
  })
})

test.each<[string, Change]>([
  ['nothing', () => {}],
  ['the image alone', orphaned],
  ['the path alone', failing('connection-timeout')],
  ['the registry alone', withBlob('amd64 layer', unseen('bad-credentials'))],
  ['the runner alone', withRunner],
])('where %s is at fault, nothing more is said', (_, change) => {
  const report = reportOf(change, { given: everyGroup })
  expect(report.together).toBeUndefined()
  expect(togetherLines(report)).toEqual([])
})
