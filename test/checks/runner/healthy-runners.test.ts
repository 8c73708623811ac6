import { describe, expect, test } from 'vitest'
import type { Check } from '../../../src/checks/define.ts'
import { checks } from '../../../src/checks/index.ts'
import { managersIn } from '../../../src/facts/queries/runner/managers.ts'
import { runnerAreas } from '../../../src/facts/runner.ts'
import {
  fail2ban,
  firewalld,
  k3s,
  libvirt,
  netavark,
  tailscale,
  ufw,
  withSavedRules,
} from '../../support/neighbours.ts'
import { listedTable, recorded, savedTables } from '../../support/recorded-rules.ts'
import {
  allOf,
  areaIn,
  dockerRules,
  engineNetworks,
  faultsIn,
  healthyRunner,
  hour,
  inapplicableArea,
  linkOf,
  linksOf,
  minute,
  networkOf,
  type RunnerChange,
  rulesOf,
  seenArea,
  unseenArea,
  userNetworks,
  withChurn,
  withLink,
  withNetworks,
} from '../../support/runner-facts.ts'

const runnerChecks = checks.filter(({ group }) => group === 'runner')

const engine = (
  version: string,
  file: string,
  bridge = 'bridge1',
  change = {},
): [() => Promise<RunnerChange>] => [
  async () => {
    const text = await recorded(file)
    return allOf(
      withNetworks(
        networkOf('bridge1', 20, { bridge, subnets: ['192.0.2.0/24'], gateways: ['192.0.2.1'], ...change }),
      ),
      (runner) => {
        runner.rules = seenArea(rulesOf(file.endsWith('.nft') ? [listedTable(text)] : savedTables(text)))
        Object.assign(areaIn(runner, 'engine'), {
          version,
          ...(file.endsWith('.nft') ? { firewall: 'nftables' } : {}),
        })
        runner.routes = seenArea({ routes: [], local: [], peers: [], resolvers: [] })
        // The recorded network has the subnet that other set-ups have at the uplink.
        const uplink = areaIn(runner, 'links').find(({ name }) => name === 'eth0')
        Object.assign(uplink ?? {}, { addresses: ['198.51.100.20/24'] })
      },
    )
  },
]

const podman: RunnerChange = (runner) => {
  runner.vantage.container = 'podman'
  runner.vantage.socket = { state: 'answers', path: '/run/podman/podman.sock', flavour: 'podman' }
  const network = networkOf('podman', 88, {
    bridge: 'podman0',
    subnets: ['10.88.0.0/16'],
    gateways: ['10.88.0.1'],
  })
  runner.networks = seenArea([network], 'the Podman socket')
  Object.assign(areaIn(runner, 'engine'), { flavour: 'podman', version: '4.3.1', pools: [] })
  runner.churn = unseenArea('Podman does not report network changes')
  runner.rules = seenArea(rulesOf([]))
  runner.links = seenArea([linkOf('lo', 1), linkOf('eth0', 2)])
  runner.programs = seenArea(['systemd', 'podman'])
  netavark(runner)
}

const stoppedDocker: RunnerChange = (runner) => {
  runner.vantage.socket = {
    state: 'useless',
    path: '/var/run/docker.sock',
    why: 'no listener (ECONNREFUSED)',
  }
  for (const area of ['engine', 'networks', 'churn'] as const) runner[area] = unseenArea('no listener', [])
  runner.programs = seenArea(['systemd', 'sshd'])
}

const plain: RunnerChange = (runner) => {
  runner.vantage = {
    ...runner.vantage,
    hostView: 'none',
    socket: { state: 'absent', path: '/var/run/docker.sock' },
  }
  for (const area of runnerAreas) if (area !== 'ports' && area !== 'pressure') runner[area] = unseenArea()
  runner.engine = unseenArea()
  runner.programs = unseenArea()
}

const healthy: Record<string, RunnerChange | (() => Promise<RunnerChange>)[]> = {
  'Docker 20.10 with two networks': () => {},
  'Docker with legacy iptables': (runner) => {
    runner.rules = seenArea(rulesOf(dockerRules(areaIn(runner, 'networks'), 'legacy')))
  },
  'Docker 28.0.0': engine('28.0.0', 'docker-28.0.0-portmap.rules'),
  'Docker 28.5.2': engine('28.5.2', 'docker-28.5.2-portmap.rules'),
  'Docker 28.5.2 without inter-container communication': engine(
    '28.5.2',
    'docker-28.5.2-portmap-noicc.rules',
  ),
  'Docker 28.5.2 with a routed network': engine('28.5.2', 'docker-28.5.2-portmap-routed.rules', 'bridge1', {
    masquerade: false,
  }),
  'Docker 29': engine('29.1.5', 'docker-29-portmap.rules'),
  'Docker 29 with nftables': engine('29.1.5', 'docker-29-portmap.nft'),
  'Swarm, Docker 20.10': allOf(
    withNetworks(
      ...userNetworks(),
      networkOf('docker_gwbridge', 20, { bridge: 'docker_gwbridge', owner: 'engine' }),
    ),
    (runner) => {
      const { bridge: _, ...ingress } = networkOf('ingress', 0, {
        driver: 'overlay',
        owner: 'engine',
        subnets: ['10.0.0.0/24'],
      })
      areaIn(runner, 'networks').push(ingress)
    },
  ),
  'Swarm, Docker 29': engine('29.1.5', 'docker-29-swarm-portmap.rules', 'docker_gwbridge', {
    name: 'docker_gwbridge',
    subnets: ['172.18.0.0/16'],
    gateways: ['172.18.0.1'],
  }),
  'every kind of network': withNetworks(
    ...userNetworks(),
    networkOf('inner', 20, { internal: true }),
    networkOf('routed', 21, { masquerade: false }),
    networkOf('named', 22, { bridge: 'ci-bridge' }),
    networkOf('idle', 23, { endpoints: 0 }),
    networkOf('lan', 0, { driver: 'macvlan', subnets: ['192.0.2.0/24'] }),
  ),
  'IPv6 networks': allOf(
    withNetworks(
      networkOf('both', 20, {
        subnets: ['172.20.0.0/16', 'fd00:20::/64'],
        gateways: ['172.20.0.1', 'fd00:20::1'],
      }),
      networkOf('six', 21, { subnets: ['fd00:21::/64'], gateways: ['fd00:21::1'] }),
    ),
    (runner) => {
      areaIn(runner, 'rules').tables.push(...dockerRules(areaIn(runner, 'networks'), 'nft', 'ip6'))
    },
  ),
  'no user networks': withNetworks(),
  'no default network (bridge: none)': (runner) => {
    runner.networks = seenArea(userNetworks())
    runner.links = seenArea(linksOf(userNetworks()))
    runner.rules = seenArea(rulesOf(dockerRules(userNetworks())))
  },
  'no engine at all': (runner) => {
    runner.vantage.socket = { state: 'absent', path: '/var/run/docker.sock' }
    for (const area of ['engine', 'networks', 'churn'] as const) runner[area] = inapplicableArea()
    runner.links = seenArea([linkOf('lo', 1), linkOf('eth0', 2)])
    runner.rules = seenArea(rulesOf([]))
    runner.programs = seenArea(['systemd', 'sshd'])
  },
  'stopped Docker, whose bridges and rules stay': stoppedDocker,
  'stopped Docker after a reboot of the host': allOf(stoppedDocker, (runner) => {
    runner.links = seenArea([linkOf('lo', 1), linkOf('eth0', 2)])
    runner.rules = seenArea(rulesOf([]))
  }),
  'k3s next to Docker': k3s,
  'k3s next to Docker, with a few networks an hour': allOf(
    k3s,
    withChurn(
      { ago: 50 * minute },
      { ago: 48 * minute, what: 'destroy' },
      { ago: 20 * minute, name: 'wp_b_0_default' },
    ),
  ),
  'k3s with leftover rules in DOCKER-USER': allOf(
    k3s,
    withSavedRules('*filter\n:DOCKER-USER - [0:0]\n-A DOCKER-USER -i br-0123456789ab -j DROP\nCOMMIT\n'),
  ),
  'ufw next to Docker': ufw,
  'firewalld next to Docker': firewalld,
  'Tailscale next to Docker': tailscale,
  'libvirt next to Docker': libvirt,
  'Podman next to Docker': netavark,
  'fail2ban next to Docker': fail2ban,
  'all of them except Kubernetes': allOf(ufw, tailscale, libvirt, netavark, fail2ban),
  'only Podman': podman,
  'Docker in Docker, from inside': (runner) => {
    runner.vantage.nested = true
    runner.vantage.namespace = 'daemon'
  },
  'Docker in Docker, with the host’s links and rules': (runner) => {
    runner.vantage.hostView = 'here'
    runner.vantage.nested = true
    const nested = [...engineNetworks(), networkOf('nested', 30)]
    runner.networks = seenArea(nested, 'the socket of the inner engine')
  },
  'rootless Docker, with the host’s links and rules': (runner) => {
    runner.vantage.hostView = 'here'
    runner.vantage.rootless = true
    areaIn(runner, 'engine').rootless = true
    runner.networks = seenArea([...engineNetworks(), networkOf('own', 18)])
    runner.links = seenArea([linkOf('lo', 1), linkOf('eth0', 2)])
    runner.rules = seenArea(rulesOf([]))
  },
  'rootless Docker, from inside': (runner) => {
    runner.vantage.rootless = true
    areaIn(runner, 'engine').rootless = true
  },
  'an operator’s own bridge, and a bond': allOf(
    withLink(linkOf('br-lan', 90, { kind: 'bridge', addresses: ['192.0.2.1/24'] })),
    withLink(linkOf('bond0', 91, { kind: 'bond' })),
  ),
  'a dozen compose projects': withNetworks(
    ...Array.from({ length: 12 }, (_, at) =>
      networkOf(`project${at}_default`, 18 + at, { endpoints: 3, createdAt: 0 }),
    ),
  ),
  'a busy CI server': allOf(
    withNetworks(
      ...userNetworks(),
      networkOf('wp_c_0_default', 22, { createdAt: healthyRunner().at - 2 * hour, endpoints: 0 }),
    ),
    withChurn(
      ...[30, 28, 20, 19, 18, 5, 3].map((ago) => ({ ago: ago * minute, name: `wp_${ago}_default` })),
      ...[27, 21, 15, 14, 2].map((ago) => ({
        ago: ago * minute,
        what: 'destroy' as const,
        name: `wp_${ago}_default`,
      })),
    ),
  ),
  'a plain container': plain,
  'a Kubernetes pod': allOf(plain, (runner) => {
    runner.vantage.container = 'kubernetes'
    runner.networks = inapplicableArea()
  }),
}

async function changeOf(one: (typeof healthy)[string]): Promise<RunnerChange> {
  if (typeof one === 'function') return one
  const [make] = one
  if (!make) throw new Error('the set-up is empty')
  return make()
}

const seriousFaults = (check: Check, change: RunnerChange) => {
  const runner = healthyRunner()
  change(runner)
  return faultsIn(check, runner).filter(({ severity }) => severity !== 'note')
}

describe.each(Object.entries(healthy))('%s', (_name, one) => {
  test('no runner check reports an error or a warning', async () => {
    const change = await changeOf(one)
    const faultsOf = runnerChecks.map((check) => ({ id: check.id, faults: seriousFaults(check, change) }))
    expect(faultsOf.filter(({ faults }) => faults.length > 0)).toEqual([])
  })
})

test('every program of these set-ups is recognised', async () => {
  const namesOf = (change: RunnerChange) => {
    const runner = healthyRunner()
    change(runner)
    return managersIn(runner).map(({ name }) => name)
  }
  expect(namesOf(k3s)).toEqual(
    expect.arrayContaining([
      'Docker',
      'kube-router',
      'kube-proxy',
      'kubelet',
      'k3s',
      'flannel',
      'CNI plugins',
    ]),
  )
  const others = allOf(ufw, firewalld, tailscale, libvirt, netavark, fail2ban)
  expect(namesOf(others)).toEqual(
    expect.arrayContaining([
      'Docker',
      'ufw',
      'firewalld',
      'Tailscale',
      'libvirt',
      'Podman (netavark)',
      'fail2ban',
    ]),
  )
  expect(runnerChecks.length).toBeGreaterThan(20)
})
