import { describe, expect, test } from 'vitest'
import check from '../../../../src/checks/runner/container-no-egress.ts'
import neighbours from '../../../../src/checks/runner/containers-cannot-reach-each-other.ts'
import { tablesIn } from '../../../support/packet-host.ts'
import { routingFor } from '../../../support/routing.ts'
import {
  allOf,
  areaIn,
  bridgeOf,
  chainIn,
  linkOf,
  networkOf,
  type RunnerChange,
  runnerFaultsOf,
  withLink,
  withNetworks,
  withTables,
} from '../../../support/runner-facts.ts'

const bridge = bridgeOf('ci')
const networks = withNetworks(networkOf('ci', 20))

const guard = (table: string, chain: string, hook = 'forward') =>
  withTables(
    ...tablesIn(
      `table inet ${table} {\n\tchain base {\n\t\ttype filter hook ${hook} priority filter + 10; policy accept;\n\t\tjump ${chain}\n\t}\n\n\tchain ${chain} {\n\t\tct state new drop\n\t}\n}\n`,
    ),
  )

const withChain =
  (name: string, hook = 'FORWARD', rule = '-j DROP'): RunnerChange =>
  (runner) => {
    chainIn(runner, 'filter', name).rules.push(rule)
    chainIn(runner, 'filter', hook).rules.unshift(`-j ${name}`)
  }

const asksHost: RunnerChange = (runner) => {
  areaIn(runner, 'routes').resolvers = ['192.0.2.20']
}
const dns = '-p udp -m udp --dport 53 -j DROP'

describe('the program that owns the rule is told to change it, where it would undo another one', () => {
  test.each<[owner: string, change: RunnerChange, advice: string]>([
    [
      'ufw’s own rules',
      withChain('ufw-user-forward'),
      `“ufw route prepend allow in on ${bridge} out on eth0”`,
    ],
    [
      'what ufw does by default',
      withChain('ufw-reject-forward'),
      `“ufw route allow in on ${bridge} out on eth0”`,
    ],
    [
      'ufw, for questions to a resolver',
      withChain('ufw-user-forward', 'FORWARD', dns),
      `“ufw route prepend allow in on ${bridge} out on eth0 proto udp to any port 53”`,
    ],
    [
      'ufw, for questions to this host',
      allOf(asksHost, withChain('ufw-user-input', 'INPUT')),
      `“ufw prepend allow in on ${bridge} proto udp to any port 53”`,
    ],
    [
      'ufw, for answers',
      withChain('ufw-user-forward', 'FORWARD', '-i eth0 -j DROP'),
      `Let ufw accept what ${bridge} and eth0 exchange`,
    ],
    ['Calico', withChain('cali-FORWARD'), `Let Calico accept what ${bridge} and eth0 exchange`],
    ['Calico of nft', guard('calico', 'filter-cali-FORWARD'), 'Let Calico accept'],
    ['kube-router', withChain('KUBE-ROUTER-FORWARD'), 'Let kube-router accept'],
    ['kube-proxy of nft', guard('kube-proxy', 'filter-forward'), 'Let kube-proxy accept'],
    ['CSF', withChain('LOCALINPUT'), 'Let CSF accept'],
    ['firewalld of iptables', withChain('FWDI_public'), `--zone=docker --change-interface=${bridge}`],
    [
      'a zone of firewalld',
      guard('firewalld', 'filter_FWD_public'),
      `--zone=docker --change-interface=${bridge}`,
    ],
    [
      'a policy of firewalld',
      guard('firewalld', 'filter_FWD_policy_my-guard_deny'),
      "now: “firewall-cmd --policy=my-guard --add-rich-rule='rule priority=-1 family=ipv4 source address=172.20.0.0/16 accept'”, and permanently: “firewall-cmd --permanent --policy=my-guard",
    ],
    [
      'Calico, before masquerading',
      (runner) => {
        chainIn(runner, 'nat', 'cali-nat-outgoing').rules.push('-o eth0 -j ACCEPT')
        chainIn(runner, 'nat', 'POSTROUTING').rules.unshift('-j cali-nat-outgoing')
      },
      'Let Calico leave packets from 172.20.0.0/16 to those who masquerade them',
    ],
  ])('%s', (_owner, change, advice) => {
    const fault = runnerFaultsOf(check, allOf(networks, change)).find(({ subject }) => subject === 'ci')
    expect(fault?.advice).toContain(advice)
    expect(fault?.advice).not.toMatch(/insert|-I /)
  })

  test.each<[owner: string, change: RunnerChange, advice: string]>([
    ['Tailscale', withChain('ts-forward'), `-t filter -I FORWARD -i ${bridge} -o eth0 -j ACCEPT”`],
    ['fail2ban', withChain('f2b-docker'), '-t filter -I FORWARD'],
    ['nobody known', guard('mine', 'mine'), '“nft insert rule inet mine base iifname'],
  ])('not where a rule that is added stays: %s', (_owner, change, advice) => {
    expect(runnerFaultsOf(check, allOf(networks, change))[1]?.advice).toContain(advice)
  })

  test('also for what containers of one network exchange', () => {
    const change = allOf(
      withNetworks(networkOf('ci', 20, { endpoints: 2, addresses: ['172.20.0.2', '172.20.0.3'] })),
      withChain('cali-FORWARD', 'FORWARD', `-i ${bridge} -o ${bridge} -j DROP`),
      (runner) => {
        const routing = routingFor(areaIn(runner, 'links'))
        routing.sysctls['net.bridge.bridge-nf-call-iptables'] = '1'
        areaIn(runner, 'routes').routing = routing
      },
    )
    expect(runnerFaultsOf(neighbours, change)[0]?.advice).toBe(
      `Let Calico accept what the ports of ${bridge} exchange, by its own settings or policies: it would undo a rule that is added to its chains by hand.`,
    )
  })
})

describe('a resolver in another network of Docker', () => {
  const configured: RunnerChange = (runner) => {
    runner.daemons = [{ command: 'dockerd', snap: false, writesRules: true, resolvers: ['172.20.0.5'] }]
  }
  const adviceOf = (change: RunnerChange) =>
    runnerFaultsOf(check, allOf(networks, configured, change))[0]?.advice

  test('is not reached by a restart of Docker, whose rules keep its networks apart', () => {
    expect(adviceOf(() => {})).toMatch(/^Docker keeps its networks apart.* to the network ci as well\./)
    const inRaw: RunnerChange = (runner) => {
      areaIn(runner, 'rules').tables.push({
        ...{ backend: 'nft', family: 'ip', name: 'raw' },
        chains: [
          {
            ...{ name: 'PREROUTING', hook: 'PREROUTING', policy: 'ACCEPT' },
            rules: [`-d 172.20.0.5/32 ! -i ${bridge} -j DROP`],
          },
        ],
      })
    }
    expect(adviceOf(inRaw)).toMatch(/^Docker keeps its networks apart/)
  })

  test('is reached where somebody else’s rule is changed', () => {
    const rejects: RunnerChange = (runner) =>
      void chainIn(runner, 'filter', 'FORWARD').rules.unshift('-j REJECT')
    // Nothing gets out at all.
    expect(adviceOf(rejects)).toContain('-I FORWARD -i docker0 -o eth0')
  })
})

test.each([
  ['filter_FWD_public', 'zone public of firewalld'],
  ['filter_FWDI_docker_deny', 'zone docker of firewalld'],
  ['filter_FWD_policy_docker-forwarding', 'policy docker-forwarding of firewalld'],
  ['filter_FWD_policy_my-guard_pre', 'policy my-guard of firewalld'],
  ['filter_FORWARD_POLICIES_pre', undefined],
  ['filter_FORWARD_IN_ZONES', undefined],
])('the chain %s of firewalld is of: %s', (chain, part) => {
  const change = allOf(networks, guard('firewalld', chain), withLink(linkOf('eth1', 90)))
  const evidence = runnerFaultsOf(check, change)[1]?.evidence?.filter((line) => line.endsWith('of firewalld'))
  expect(evidence).toEqual(part === undefined ? [] : [part])
})
