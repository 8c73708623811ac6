import { type Host, packetHost } from '../../src/facts/queries/packet/host.ts'
import type { RoutingFact } from '../../src/facts/routing.ts'
import type { LinkFact, TableFact } from '../../src/facts/runner.ts'
import { parseAddress } from '../../src/net/ip.ts'
import { parseNftTable } from '../../src/observe/runner/host/nft-text.ts'
import { ruleBudget } from '../../src/observe/runner/host/rule-budget.ts'
import { parseSave } from '../../src/observe/runner/host/save-text.ts'
import { routeOf, ruleOf } from './routing.ts'
import { linkOf } from './runner-facts.ts'

/** The tables in a text of `iptables-save` (a table begins with `*`) or of `nft list ruleset`. */
export function tablesIn(text: string, backend: 'nft' | 'legacy' = 'nft'): TableFact[] {
  if (/^\*/m.test(text)) return parseSave(text, { backend, family: 'ip' }, ruleBudget()).tables
  return text.split(/^(?=table )/m).flatMap((part) => parseNftTable(part, ruleBudget()) ?? [])
}

export const addressOf = (text: string): bigint => parseAddress(text)?.value ?? 0n

/** A host with an uplink and two networks of containers, each with two containers at the ports of its bridge. */
export interface HostParts {
  links: LinkFact[]
  routing: RoutingFact
  tables: TableFact[]
}

function hostParts(...rules: string[]): HostParts {
  const bridges = ['docker0', 'br-a']
  return {
    links: [
      linkOf('lo', 1, { addresses: ['127.0.0.1/8'] }),
      linkOf('eth0', 2, { addresses: ['192.0.2.20/24'] }),
      ...bridges.map((name, at) =>
        linkOf(name, 3 + at, { kind: 'bridge', addresses: [`172.${17 + at}.0.1/16`] }),
      ),
      ...bridges.flatMap((master, at) =>
        [2, 3].map((end) => linkOf(`veth${at}${end}`, 10 * at + end + 10, { kind: 'veth', master })),
      ),
    ],
    routing: {
      rules: [ruleOf(0, 'local'), ruleOf(32_766, 'main'), ruleOf(32_767, 'default')],
      routes: [
        routeOf('default', 'eth0', { gateway: '192.0.2.1' }),
        routeOf('192.0.2.0/24', 'eth0'),
        ...bridges.map((name, at) => routeOf(`172.${17 + at}.0.0/16`, name)),
        ...['127.0.0.0/8', '192.0.2.20', '172.17.0.1', '172.18.0.1'].map((destination) =>
          routeOf(destination, 'lo', { table: 'local', type: 'local' }),
        ),
      ],
      truncated: false,
      sysctls: { 'net.ipv4.ip_forward': '1' },
    },
    tables: rules.flatMap((text) => tablesIn(text)),
  }
}

/** The host of these rules, after a change to its parts. */
export function hostWith(rules: string | string[], change: (parts: HostParts) => void = () => {}): Host {
  const parts = hostParts(...[rules].flat())
  change(parts)
  return packetHost(parts)
}
