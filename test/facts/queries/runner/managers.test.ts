import { describe, expect, test } from 'vitest'
import { managerOfJump } from '../../../../src/facts/queries/runner/known-managers.ts'
import {
  kubernetesIn,
  managersIn,
  racesWithKubernetes,
  rewritersIn,
} from '../../../../src/facts/queries/runner/managers.ts'
import type { RunnerFact } from '../../../../src/facts/runner.ts'
import { k3s, tailscale } from '../../../support/neighbours.ts'
import {
  allOf,
  areaIn,
  healthyRunner,
  type RunnerChange,
  rulesOf,
  seenArea,
  unseenArea,
  withoutChain,
  withPrograms,
  withRules,
  withTables,
} from '../../../support/runner-facts.ts'

function runnerWith(...changes: RunnerChange[]): RunnerFact {
  const runner = healthyRunner()
  allOf(...changes)(runner)
  return runner
}

/** A host with only this chain, or this nft table, and an unknown list of processes. */
function only(chain: string, native = false): RunnerFact {
  return runnerWith((runner) => {
    runner.programs = unseenArea()
    runner.rules = seenArea(
      rulesOf([
        native
          ? { backend: 'native', family: 'inet', name: chain, chains: [] }
          : { backend: 'nft', family: 'ip', name: 'filter', chains: [{ name: chain, rules: [] }] },
      ]),
    )
  })
}

test.each([
  ['DOCKER', 'Docker'],
  ['DOCKER-USER', 'Docker'],
  ['DOCKER-ISOLATION-STAGE-1', 'Docker'],
  ['DOCKER-INGRESS', 'Docker'],
  ['NETAVARK_FORWARD', 'Podman (netavark)'],
  ['NETAVARK-HOSTPORT-DNAT', 'Podman (netavark)'],
  ['KUBE-ROUTER-INPUT', 'kube-router'],
  ['KUBE-POD-FW-MLN43CE5BLFI7QUX', 'kube-router'],
  ['KUBE-NWPLCY-DEFAULT', 'kube-router'],
  ['KUBE-SERVICES', 'kube-proxy'],
  ['KUBE-SVC-NPX46M4PTMTKRN6Y', 'kube-proxy'],
  ['KUBE-SEP-6E7XQMQ4RAYOWTTM', 'kube-proxy'],
  ['KUBE-EXTERNAL-SERVICES', 'kube-proxy'],
  ['KUBE-PROXY-CANARY', 'kube-proxy'],
  ['KUBE-FIREWALL', 'kubelet'],
  ['KUBE-KUBELET-CANARY', 'kubelet'],
  ['FLANNEL-FWD', 'flannel'],
  ['FLANNEL-POSTRTG', 'flannel'],
  ['CNI-HOSTPORT-DNAT', 'CNI plugins'],
  ['CNI-DN-0a1b2c', 'CNI plugins'],
  ['CILIUM_FORWARD', 'Cilium'],
  ['OLD_CILIUM_INPUT', 'Cilium'],
  ['cali-FORWARD', 'Calico'],
  ['WEAVE-NPC', 'Weave'],
  ['ufw-before-input', 'ufw'],
  ['ufw6-before-input', 'ufw'],
  ['IN_public_allow', 'firewalld'],
  ['FWDI_docker', 'firewalld'],
  ['INPUT_direct', 'firewalld'],
  ['LOCALINPUT', 'CSF'],
  ['ts-input', 'Tailscale'],
  ['f2b-sshd', 'fail2ban'],
  ['LIBVIRT_FWX', 'libvirt'],
  ['CROWDSEC_CHAIN', 'CrowdSec'],
  ['ISTIO_REDIRECT', 'Istio'],
  ['AWS-SNAT-CHAIN-0', 'AWS VPC CNI'],
])('the chain %s belongs to %s', (chain, name) => {
  expect(managersIn(only(chain)).map((manager) => manager.name)).toEqual([name])
  expect(managerOfJump(`-m comment --comment "x" -j ${chain}`)).toBe(name)
})

test.each([
  ['docker-bridges', 'Docker'],
  ['netavark', 'Podman (netavark)'],
  ['kube-proxy', 'kube-proxy'],
  ['cni_hostport', 'CNI plugins'],
  ['firewalld', 'firewalld'],
  ['libvirt_network', 'libvirt'],
  ['crowdsec', 'CrowdSec'],
  ['incus', 'LXD or Incus'],
])('the nft table %s belongs to %s', (table, name) => {
  expect(managersIn(only(table, true)).map((manager) => manager.name)).toEqual([name])
})

test.each(['INPUT', 'FORWARD', 'DOCKERS', 'KUBE', 'MY-DOCKER', 'ufwx', 'ts-other', 'in_public'])(
  'the chain %s has no known owner',
  (chain) => {
    expect(managersIn(only(chain))).toEqual([])
    expect(managerOfJump(`-j ${chain}`)).toBeUndefined()
  },
)

test.each(['k3s', 'k3s-server', 'k3s-agent', 'kubelet', 'kube-proxy', 'flanneld', 'tailscaled', 'firewalld'])(
  'the process %s is sufficient',
  (program) => {
    const runner = runnerWith((one) => {
      one.rules = unseenArea()
      one.programs = seenArea([program])
    })
    expect(managersIn(runner)).toMatchObject([{ places: [], evidence: `process ${program}` }])
  },
)

describe('programs that move their jump to the top', () => {
  const movers = (...changes: RunnerChange[]) =>
    managersIn(runnerWith(...changes))
      .filter(({ movesJump }) => movesJump)
      .map(({ name }) => name)

  test('Docker before 28.0.1, kube-router and Tailscale', () => {
    expect(movers(k3s, tailscale)).toEqual(['Docker', 'kube-router', 'Tailscale'])
  })

  test.each<[string, RunnerChange]>([
    ['Docker 28.0.1 and later', withRules('filter', 'DOCKER-FORWARD', '-j DOCKER-CT')],
    ['Docker without DOCKER-USER', withoutChain('filter', 'DOCKER-USER')],
    [
      'Docker with nftables',
      withTables({ backend: 'native', family: 'ip', name: 'docker-bridges', chains: [] }),
    ],
  ])('not %s', (_sentence, change) => {
    expect(movers(change)).toEqual([])
  })
})

describe('programs that rewrite whole tables', () => {
  const names = (...changes: RunnerChange[]) => rewritersIn(runnerWith(...changes)).map(({ name }) => name)

  test('kube-router, alone or inside k3s', () => {
    expect(names(k3s)).toEqual(['kube-router inside k3s'])
    expect(names(withRules('filter', 'KUBE-ROUTER-INPUT'), withPrograms('kube-router'))).toEqual([
      'kube-router',
    ])
    expect(
      names((runner) => {
        runner.rules = unseenArea()
      }, withPrograms('kube-router')),
    ).toEqual(['kube-router'])
  })

  test('chains left over from a disabled kube-router do not count', () => {
    expect(names(withRules('filter', 'KUBE-ROUTER-INPUT'))).toEqual([])
  })

  test('programs that ran iptables-restore, by the 15 bytes of their name that the kernel keeps', () => {
    const wrote =
      (change: { rewrites?: number }, ...programs: string[]): RunnerChange =>
      (runner) => {
        areaIn(runner, 'rules').writers = programs.map((program) => ({ program, changes: 3, ...change }))
      }
    const restoring = [
      'iptables-restor',
      'ip6tables-resto',
      'iptables-nft-re',
      'netfilter-persi',
      'xtables-nft-mul',
    ]
    expect(names(wrote({ rewrites: 1 }, ...restoring))).toHaveLength(5)
    expect(
      names(
        wrote({ rewrites: 1 }, 'iptables', 'nft', 'dockerd', 'ip6tables', 'iptables-save', 'iptables-legacy'),
      ),
    ).toEqual([])
    // With --noflush, as ufw, Calico and kube-proxy call it.
    expect(names(wrote({}, ...restoring))).toEqual([])
    const kubeProxy = withPrograms('kube-proxy')
    expect(names(wrote({}, ...restoring), kubeProxy)).toEqual([])
    expect(
      [1, 2].map((rewrites) => rewritersIn(runnerWith(wrote({ rewrites }, 'iptables-restor')))[0]?.evidence),
    ).toEqual([
      'iptables-restor wrote whole tables 1 time during the inspection',
      'iptables-restor wrote whole tables 2 times during the inspection',
    ])
    expect(names(wrote({ rewrites: 2 }, 'iptables-restor'), kubeProxy)).toEqual([
      'a program that runs iptables-restore',
    ])
  })
})

test('Kubernetes is named where it runs, and races only with iptables tables', () => {
  expect(kubernetesIn(runnerWith(k3s))).toEqual([
    'kube-router',
    'kube-proxy',
    'kubelet',
    'k3s',
    'flannel',
    'CNI plugins',
  ])
  expect(kubernetesIn(runnerWith(withRules('filter', 'KUBE-SERVICES')))).toEqual([])
  expect(racesWithKubernetes(runnerWith(k3s))).toBe(true)
  expect(racesWithKubernetes(runnerWith())).toBe(false)
  expect(
    racesWithKubernetes(
      runnerWith(k3s, withTables({ backend: 'native', family: 'ip', name: 'docker-bridges', chains: [] })),
    ),
  ).toBe(false)
})
