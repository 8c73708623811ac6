import { expect, test } from 'vitest'
import check from '../../../src/checks/runner/docker-proxy-left.ts'
import {
  allOf,
  areaIn,
  type QuietRunner,
  type RunnerChange,
  runnerFaultsOf,
  second,
  withChurn,
  without,
} from '../../support/runner-facts.ts'

const listed: RunnerChange = (runner) => {
  for (const network of areaIn(runner, 'networks'))
    network.addresses = network.gateways.map((gateway) => gateway.replace(/\d+$/, '2'))
}
const proxy =
  (container: string): RunnerChange =>
  (runner) => {
    runner.proxies = [{ protocol: 'tcp', address: '0.0.0.0', port: 8080, container }]
  }
const left = allOf(listed, proxy('172.18.0.9'))

test('a proxy for an address that no running container has', () => {
  expect(runnerFaultsOf(check, left)).toMatchObject([
    {
      subject: '8080/tcp',
      severity: 'warning',
      message: '1 docker-proxy for a container address that no running container has',
      evidence: ['0.0.0.0 port 8080/tcp to 172.18.0.9'],
    },
  ])
})

test('a container that was removed just now hides nothing', () => {
  const removed = withChurn({ ago: 3 * second, what: 'detach' }, { ago: 5 * second, what: 'attach' })
  expect(runnerFaultsOf(check, allOf(left, removed))).toHaveLength(1)
})

test.each<QuietRunner>([
  ['a proxy of a running container', allOf(listed, proxy('172.18.0.2'))],
  ['no proxies', listed],
  ['endpoints that were not read', proxy('172.18.0.9')],
  ['a container that started meanwhile', allOf(left, withChurn({ ago: 3 * second, what: 'attach' }))],
  ['network changes that were not observed', allOf(left, without('churn'))],
  [
    'a second engine',
    allOf(left, (runner) => {
      runner.daemons = ['a', 'b'].map((command) => ({ command, snap: false }))
    }),
  ],
])('%s: no finding', (_sentence, change) => {
  expect(runnerFaultsOf(check, change)).toEqual([])
})
