import { describe, expect, test } from 'vitest'
import check from '../../../src/checks/runner/container-address-unreachable-by-vpn.ts'
import type { TableFact } from '../../../src/facts/runner.ts'
import { tablesIn } from '../../support/packet-host.ts'
import { routeOf, routingFor } from '../../support/routing.ts'
import {
  allOf,
  areaIn,
  bridgeOf,
  chainIn,
  linkOf,
  type QuietRunner,
  type RunnerChange,
  runnerFaultsOf,
  withLink,
  without,
  withRules,
  withTables,
  woodpeckerNetwork,
} from '../../support/runner-facts.ts'

const bridge = bridgeOf(woodpeckerNetwork)
const version =
  (text: string): RunnerChange =>
  (runner) => {
    areaIn(runner, 'engine').version = text
  }
const published: RunnerChange = (runner) => {
  runner.published = [
    {
      ...{ container: 'web', protocol: 'tcp', address: '0.0.0.0', port: 8080, containerPort: 80 },
      addresses: ['172.18.0.2'],
    },
  ]
  chainIn(runner, 'filter', 'DOCKER').rules.push(
    `-d 172.18.0.2/32 ! -i ${bridge} -o ${bridge} -p tcp -m tcp --dport 80 -j ACCEPT`,
  )
}
const drop = `-d 172.18.0.2/32 ! -i ${bridge} -j DROP`
const raw = (...rules: string[]): TableFact => ({
  ...{ backend: 'nft', family: 'ip', name: 'raw' },
  chains: [{ name: 'PREROUTING', hook: 'PREROUTING', policy: 'ACCEPT', rules }],
})
/** A VPN with a route to its peers. */
const vpn = (name = 'wg0', kind = 'wireguard', destination = '10.8.0.0/24'): RunnerChange =>
  allOf(withLink(linkOf(name, 70, { kind, addresses: ['10.8.0.1/32'] })), (runner) => {
    const routing = routingFor(areaIn(runner, 'links'))
    routing.routes.push(routeOf(destination, name, { table: '52' }))
    routing.rules.push({ ...{ family: 'ip', priority: 5270, table: '52', negated: false } })
    areaIn(runner, 'routes').routing = routing
  })
const dropping = allOf(version('28.5.2'), published, withTables(raw(drop)))

describe('a rule of Docker 28 before routing', () => {
  test('that drops what peers of a VPN send to a published port: a note', () => {
    expect(runnerFaultsOf(check, allOf(dropping, vpn()))).toMatchObject([
      {
        subject: 'wg0',
        severity: 'note',
        message: 'packets from 10.8.0.2 by wg0 to 172.18.0.2 port 80 are dropped before routing',
        evidence: [
          'hook prerouting, priority -300: iptables-nft table raw, chain PREROUTING',
          `-A PREROUTING ${drop}`,
        ],
        advice: expect.stringContaining('com.docker.network.bridge.trusted_host_interfaces=wg0'),
      },
    ])
  })

  test('with an operator’s rule for the interface: a warning', () => {
    const accept = '-i wg0 -j ACCEPT'
    const change = allOf(dropping, vpn(), (runner) => {
      chainIn(runner, 'filter', 'DOCKER-USER').rules.unshift(accept)
    })
    expect(runnerFaultsOf(check, change)).toMatchObject([
      { severity: 'warning', evidence: expect.arrayContaining([`-A DOCKER-USER ${accept}`]) },
    ])
  })

  test.each([
    ['28.0.4', 'gateway_mode_ipv4=nat-unprotected'],
    ['28.2.0', '"allow-direct-routing": true'],
    ['29.1.0', '"allow-direct-routing": true'],
  ])('the advice for Docker %s names an option that it has', (text, option) => {
    const [fault] = runnerFaultsOf(check, allOf(dropping, vpn(), version(text)))
    expect(fault?.advice).toContain(option)
  })

  test('in the table of Docker’s nftables mode', () => {
    const table = tablesIn(
      `table ip docker-bridges {\n\tchain raw-PREROUTING {\n\t\ttype filter hook prerouting priority raw; policy accept;\n\t\tip daddr 172.18.0.2 iifname != "${bridge}" counter drop comment "DROP DIRECT ACCESS"\n\t}\n}\n`,
    )
    const change = allOf(published, withTables(...table), vpn('tailscale0', 'tun', '100.64.0.7/32'))
    expect(runnerFaultsOf(check, change)).toMatchObject([
      { subject: 'tailscale0', message: expect.stringContaining('packets from 100.64.0.7 by tailscale0') },
    ])
  })
})

test.each<QuietRunner>([
  ['a host without a VPN', dropping],
  ['a VPN with only a default route', allOf(dropping, vpn('wg0', 'wireguard', 'default'))],
  ['Docker without such rules', allOf(published, vpn())],
  ['a container that publishes no port', allOf(withTables(raw(drop)), vpn())],
  [
    'packets that would be dropped anyway',
    allOf(dropping, vpn(), (runner) => {
      chainIn(runner, 'filter', 'FORWARD').rules.unshift('-i wg0 -j DROP')
    }),
  ],
  [
    'a network that trusts the interface',
    allOf(published, withTables(raw('-d 172.18.0.2/32 -i wg0 -j ACCEPT', drop)), vpn()),
  ],
  ['rules of another program', allOf(published, withTables(raw('-i wg0 -j DROP')), vpn())],
  ['rules that were not observed', allOf(dropping, vpn(), without('rules'))],
  ['a rule for another container', allOf(published, withTables(raw(drop.replace('0.2', '0.3'))), vpn())],
  [
    'an engine with iptables: false',
    allOf(dropping, vpn(), withRules('filter', 'INPUT'), (runner) => {
      areaIn(runner, 'rules').tables = [raw()]
    }),
  ],
])('%s: no finding', (_sentence, change) => {
  expect(runnerFaultsOf(check, change)).toEqual([])
})
