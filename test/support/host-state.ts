import type { NetworkNamespace } from './network-namespace.ts'
import { untilSettled } from './settled.ts'

/**
 * Everything of a host's network that an observer could change, as text: settings of the kernel, links, addresses, neighbours that
 * do not age, rules and routes of all tables, the packet filter as every program shows it, sets, and the modules of the kernel. Without
 * what the kernel itself counts or times.
 */
export async function hostState(namespace: Pick<NetworkNamespace, 'run'>): Promise<string> {
  await untilSettled(namespace)
  return normal(await namespace.run('sh', ['-c', script]))
}

// Some settings can only be written; a program that is not there has nothing to show.
const script = `
exec 2> /dev/null
grep -rs . /proc/sys/net | LC_ALL=C sort
ip -d link; ip -d address; ip -d neighbour show nud permanent
for family in -4 -6; do ip "$family" rule; ip "$family" route show table all; done
nft -s list ruleset
for tool in iptables-nft ip6tables-nft; do "$tool-save"; done
# Only where it has tables: this program loads those that it lists.
for names in /proc/net/ip_tables_names /proc/net/ip6_tables_names; do cat "$names"; done
[ -z "$(cat /proc/net/ip_tables_names)" ] || iptables-legacy-save
[ -z "$(cat /proc/net/ip6_tables_names)" ] || ip6tables-legacy-save
ipset save
cat /proc/modules | cut -d ' ' -f 1 | LC_ALL=C sort
`

const normal = (text: string): string =>
  text
    .split('\n')
    .filter(
      (line) =>
        !/^(?:# (?:Generated|Completed|Warning)|\/proc\/sys\/net\/netfilter\/nf_conntrack_count:)/.test(line),
    )
    .map((line) =>
      line.replaceAll(/\[\d+:\d+\]|\b(?:expires|valid_lft|preferred_lft) \S+|\w+_timer +\S+/g, '').trimEnd(),
    )
    .join('\n')
