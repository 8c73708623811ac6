import type { PolicyRule, RoutingFact, TableRoute } from '../../src/facts/routing.ts'
import type { LinkFact } from '../../src/facts/runner.ts'
import { formatAddress, parseIpv4Network } from '../../src/net/ip.ts'

export const routeOf = (
  destination: string,
  device: string,
  change: Partial<TableRoute> = {},
): TableRoute => ({
  family: 'ip',
  table: 'main',
  type: 'unicast',
  destination,
  device,
  metric: 0,
  dead: false,
  ...change,
})

export const ruleOf = (priority: number, table: string, change: Partial<PolicyRule> = {}): PolicyRule => ({
  ...{ family: 'ip', priority, table, negated: false },
  ...change,
})

/** The routes that the kernel makes for these links, and a default route by `eth0`, with forwarding on. */
export function routingFor(links: LinkFact[]): RoutingFact {
  const addresses = links.flatMap(({ name, addresses: own }) =>
    own.flatMap((text) => {
      const network = parseIpv4Network(text)
      const [address = '', length = '32'] = text.split('/')
      return network ? [{ name, address, network, length }] : []
    }),
  )
  const uplink = links.find(({ name }) => name === 'eth0')
  return {
    rules: [ruleOf(0, 'local'), ruleOf(32_766, 'main'), ruleOf(32_767, 'default')],
    routes: [
      ...(uplink ? [routeOf('default', 'eth0', { gateway: '192.0.2.1' })] : []),
      ...addresses.flatMap(({ name, address, network, length }) => [
        routeOf(`${formatAddress({ version: 4, value: network.first })}/${length}`, name),
        routeOf(address, name, { table: 'local', type: 'local' }),
      ]),
    ],
    truncated: false,
    sysctls: { 'net.ipv4.ip_forward': '1', 'net.bridge.bridge-nf-call-iptables': '1' },
  }
}
