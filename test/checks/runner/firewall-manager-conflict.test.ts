import { expect, test } from 'vitest'
import check from '../../../src/checks/runner/firewall-manager-conflict.ts'
import {
  allOf,
  type QuietRunner,
  rulesOf,
  runnerFaultsOf,
  shown,
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

test('a firewall beside Docker and Kubernetes is one too many', () => {
  expect(runnerFaultsOf(check, allOf(ufw, kubeProxy))).toEqual([
    {
      subject: 'ufw',
      severity: 'warning',
      message: 'ufw, Docker, kube-proxy, k3s keep rules on this host',
      evidence: [
        'Docker: chain DOCKER',
        'kube-proxy: chain KUBE-FORWARD',
        'k3s: the program k3s-server',
        'ufw: chain ufw-before-input',
      ],
    },
  ])
})

test('firewalld with tables of nft is known, too', () => {
  expect(runnerFaultsOf(check, allOf(firewalld, kubeProxy))).toMatchObject([{ subject: 'firewalld' }])
})

test.each<QuietRunner>([
  ['Docker alone', () => {}],
  ['ufw beside Docker', ufw],
  ['firewalld beside Docker', firewalld],
  ['Kubernetes beside Docker', kubeProxy],
  ['ufw that was turned off', allOf(withRules('filter', 'ufw-before-input'), kubeProxy)],
  ['Kubernetes that was removed', allOf(ufw, withRules('filter', 'KUBE-FORWARD', '-j RETURN'))],
  [
    'ufw beside Kubernetes, without Docker’s rules',
    (runner) => {
      runner.rules = shown(
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
])('%s is no conflict', (_sentence, change) => {
  expect(runnerFaultsOf(check, change)).toEqual([])
})
