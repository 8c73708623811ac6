/** What the generated rules say in IPv4, and the same in IPv6; longer texts first where one begins like another. */
const pairs: [string, string][] = [
  ['172.31.1.1-172.31.1.9', 'fd00:31:1::1-fd00:31:1::9'],
  ['172.31.1.2-172.31.1.9', 'fd00:31:1::2-fd00:31:1::9'],
  ['10.0.0.1-10.255.0.0', '2001:db8:99::1-2001:db8:99::ff'],
  ['172.31.1.0/24', 'fd00:31:1::/64'],
  ['172.31.0.0/16', 'fd00:31::/32'],
  ['203.0.113.0/24', '2001:db8:113::/48'],
  ['10.99.0.0/24', '2001:db8:99::/64'],
  ['10.0.0.0/8', 'fd0a::/16'],
  ['127.0.0.0/8', '::1/128'],
  ['0.0.0.0/0', '::/0'],
]
const hosts: [RegExp, string][] = [
  [/172\.31\.(\d)\.(\d)/, 'fd00:31:$1::$2'],
  [/203\.0\.113\.1/, '2001:db8:113::1'],
  [/10\.99\.0\.(\d)/, '2001:db8:99::$1'],
]

/** The text of a rule set for IPv6. */
export function inIpv6(text: string): string {
  let result = text
  for (const [four, six] of pairs) result = result.replaceAll(four, six)
  for (const [{ source }, six] of hosts)
    result = result
      .replaceAll(new RegExp(`${source}/32`, 'g'), `${six}/128`)
      // A target of NAT with a port has brackets.
      .replaceAll(
        new RegExp(`((?:to|--to-destination|--to-source) )${source}:`, 'g'),
        (_all, ...found: string[]) =>
          `${found[0]}[${six.replace('$1', found[1] ?? '').replace('$2', found[2] ?? '')}]:`,
      )
      .replaceAll(new RegExp(source, 'g'), six)
  return result
    .replaceAll(
      /\bip (saddr|daddr|protocol)\b/g,
      (_all, what: string) => `ip6 ${what === 'protocol' ? 'nexthdr' : what}`,
    )
    .replaceAll('table ip nat', 'table ip6 nat')
    .replaceAll('-m ttl --ttl-gt 1', '-m hl --hl-gt 1')
}
