import { expect, test } from 'vitest'
import check from '../../../src/checks/runner/firewall-manager-conflict.ts'
import {
  allOf,
  type QuietRunner,
  rulesOf,
  runnerFaultsOf,
  seenArea,
  withPrograms,
  withRules,
  withTables,
} from '../../support/runner-facts.ts'

const ufw = allOf(
  withRules('filter', 'INPUT', '-j ufw-before-input'),
  withRules('filter', 'ufw-before-input', '-i lo -j ACCEPT'),
)
const kubeProxy = allOf(withRules('filter', 'KUBE-FORWARD', '-j RETURN'), withPrograms('k3s-server'))
const firewalld = withTables({ backend: 'native', family: 'inet', name: 'firewalld', chains: [] })

test('a firewall next to Docker and Kubernetes is a conflict', () => {
  expect(runnerFaultsOf(check, allOf(ufw, kubeProxy))).toEqual([
    {
      subject: 'ufw',
      severity: 'warning',
      message: 'ufw, Docker, kube-proxy, k3s all write rules on this host',
      evidence: [
        'Docker: chain DOCKER',
        'kube-proxy: chain KUBE-FORWARD',
        'k3s: process k3s-server',
        'ufw: chain ufw-before-input',
      ],
    },
  ])
})

test('one chain of Docker is enough', () => {
  const table = rulesOf([
    {
      backend: 'nft',
      family: 'ip',
      name: 'filter',
      chains: [
        { name: 'DOCKER', rules: [] },
        { name: 'INPUT', rules: ['-j ufw-before-input'] },
        { name: 'ufw-before-input', rules: [] },
        { name: 'KUBE-FORWARD', rules: [] },
      ],
    },
  ])
  const change = allOf((runner) => {
    runner.rules = seenArea(table)
  }, withPrograms('k3s-server'))
  expect(runnerFaultsOf(check, change)).toMatchObject([{ subject: 'ufw' }])
})

test('firewalld with nft tables is recognised too', () => {
  expect(runnerFaultsOf(check, allOf(firewalld, kubeProxy))).toMatchObject([{ subject: 'firewalld' }])
})

test.each<QuietRunner>([
  ['only Docker', () => {}],
  ['ufw next to Docker', ufw],
  ['firewalld next to Docker', firewalld],
  ['Kubernetes next to Docker', kubeProxy],
  ['disabled ufw', allOf(withRules('filter', 'ufw-before-input'), kubeProxy)],
  ['removed Kubernetes', allOf(ufw, withRules('filter', 'KUBE-FORWARD', '-j RETURN'))],
  [
    'ufw next to Kubernetes, without Docker’s rules',
    (runner) => {
      runner.rules = seenArea(
        rulesOf([
          {
            backend: 'nft',
            family: 'ip',
            name: 'filter',
            chains: [
              { name: 'INPUT', rules: ['-j ufw-before-input'] },
              { name: 'ufw-before-input', rules: [] },
              { name: 'KUBE-FORWARD', rules: [] },
            ],
          },
        ]),
      )
      withPrograms('k3s-server')(runner)
    },
  ],
])('%s: no conflict', (_sentence, change) => {
  expect(runnerFaultsOf(check, change)).toEqual([])
})
