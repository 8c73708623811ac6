import type { Tally } from '../../test/packets/tally.ts'

interface Run extends Tally {
  /** Rule sets that nft or iptables did not load. */
  refused: number
  seed: number
  date: Date
}

const percent = (part: number, whole: number): string => `${((100 * part) / whole).toFixed(1)} %`

/** docs/packets.md: what the packets of one run showed. */
export function packetsPage({
  sets,
  asked,
  claimed,
  stopped,
  complete,
  byKind,
  disagreements,
  refused,
  seed,
  date,
}: Run): string {
  const rows = Object.entries(byKind)
    .toSorted(([a], [b]) => a.localeCompare(b))
    .map(
      ([kind, one]) =>
        `| ${kind} | ${one.sets} | ${one.asked} | ${percent(one.claimed, one.asked)} | ${percent(one.stopped, one.claimed)} |`,
    )
  return `# Packets as judges

regguard follows a packet through the rules, routes and settings of a host, and names what stops it. \`npm run packets\` checks that against real
packets: it generates rule sets, loads each into a host of its own (network namespaces: two containers at one bridge, one at another, an uplink),
sends the packets, and compares. This page is the result of its run of ${date.toISOString().slice(0, 10)}, from seed ${seed}.

For each rule set there are ten ways: out to the Internet, the same by IPv6, out to a resolver by UDP, within a network, between networks, in by a published port, to that port from a
container of the same network (where br_netfilter is off), and from the host itself to the Internet, to the published port at its own address and
to it at \`127.0.0.1\`. There are two questions for each: does the first packet arrive, and does its answer come back? A rule set holds random
chains, priorities, policies, matches, maps, jumps, marks and NAT of both families, with routes in policy tables, \`ip_forward\` and IPv6's
\`forwarding\`, \`rp_filter\`, \`route_localnet\` and br_netfilter changed at random.

| Rule sets | Verdicts asked for | Given | Of these: does not get there | Disagreements |
| --- | --- | --- | --- | --- |
| ${sets} | ${asked} | ${claimed} (${percent(claimed, asked)}) | ${stopped} (${percent(stopped, claimed)}) | ${disagreements.length} |

All verdicts were given for ${complete} rule sets (${percent(complete, sets)}). A verdict is not given where it depends on a rate, on chance, on the
time of day, or on a match that regguard does not know. nft or iptables refused ${refused} further rule sets, which were not tried.

| Loaded by | Rule sets | Verdicts asked for | Given | Of these: does not get there |
| --- | --- | --- | --- | --- |
${rows.join('\n')}
${disagreements.length === 0 ? '' : `\n## Disagreements\n\n${disagreements.map((line) => `- ${line}\n`).join('')}`}`
}
