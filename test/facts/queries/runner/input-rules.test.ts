import { describe, expect, test } from 'vitest'
import { inputRules } from '../../../../src/facts/queries/runner/input-rules.ts'
import type { ChainFact, TableFact } from '../../../../src/facts/runner.ts'
import { rulesOf } from '../../../support/runner-facts.ts'

const input = (...rules: string[]): ChainFact => ({ name: 'INPUT', hook: 'INPUT', policy: 'ACCEPT', rules })
const table = (chains: ChainFact[], change: Partial<TableFact> = {}): TableFact => ({
  backend: 'nft',
  family: 'ip',
  name: 'filter',
  chains,
  ...change,
})

/** The rules for a connection to port 22 of 172.17.0.1. */
const found = (...tables: TableFact[]) => inputRules(rulesOf(tables), '172.17.0.1', 22)

describe('iptables rules', () => {
  test.each([
    ['-p tcp -j DROP', true],
    ['-p tcp -m tcp --dport 22 -j DROP', true],
    ['-p tcp -m tcp --dport 1:1024 -j DROP', true],
    ['-p tcp -m multiport --dports 80,22,443 -j DROP', true],
    ['-i docker0 -p tcp -j DROP', true],
    ['! -i lo -p tcp -j DROP', true],
    ['-s 172.16.0.0/12 -p tcp -j DROP', true],
    ['-p tcp -m conntrack --ctstate NEW -j DROP', true],
    ['-p tcp -m state --state NEW -m comment --comment "say \\"no\\" -j ACCEPT" -j DROP', true],
    ['-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -j DROP', true],
    ['-m addrtype --dst-type LOCAL -j DROP', false],
    ['-j DROP', false],
  ])('%s drops it', (rule, tcpOnly) => {
    expect(found(table([input(rule)])).drops).toEqual([{ rule: `iptables filter INPUT: ${rule}`, tcpOnly }])
  })

  test.each([
    '-p udp -j DROP',
    '-p tcp -m tcp --dport 23 -j DROP',
    '-p tcp -m multiport --dports 80,443 -j DROP',
    '-i lo -j DROP',
    '-s 203.0.113.7/32 -j DROP',
    '-d 172.18.0.1/32 -p tcp -j DROP',
    '-m conntrack --ctstate INVALID -j DROP',
    '-m mark --mark 0x8000/0x8000 -j DROP',
    '! -s 127.0.0.0/8 -d 127.0.0.0/8 -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP',
    '-p tcp -m set --match-set blocked src -j DROP',
    '-p tcp -m limit --limit 5/min -j DROP',
    '-p tcp -j ACCEPT',
    '-p tcp -j DROPPED',
  ])('%s does not, or not always', (rule) => {
    expect(found(table([input(rule)])).drops).toEqual([])
  })

  test('rules that reject', () => {
    const rule = '-p tcp -m tcp --dport 22 -j REJECT --reject-with icmp-port-unreachable'
    expect(found(table([input(rule)]))).toEqual({
      dropPolicies: [],
      drops: [],
      rejects: [`iptables filter INPUT: ${rule}`],
    })
  })

  test('chains that INPUT jumps to count, others do not', () => {
    const chains = [
      input('-j KUBE-FIREWALL', '-g LAST'),
      { name: 'KUBE-FIREWALL', rules: ['-j DEEPER'] },
      { name: 'DEEPER', rules: ['-p tcp -j DROP', '-j KUBE-FIREWALL'] },
      { name: 'LAST', rules: ['-j DROP'] },
      { name: 'FORWARD', hook: 'FORWARD', policy: 'DROP', rules: ['-j DROP'] },
      { name: 'UNUSED', rules: ['-j DROP'] },
    ]
    expect(found(table(chains)).drops.map(({ rule }) => rule)).toEqual([
      'iptables filter LAST: -j DROP',
      'iptables filter DEEPER: -p tcp -j DROP',
    ])
  })

  test('policies', () => {
    const dropping = { ...input(), policy: 'DROP' }
    expect(found(table([dropping])).dropPolicies).toEqual(['iptables filter INPUT'])
    expect(found(table([dropping], { family: 'ip6' })).dropPolicies).toEqual([])
    expect(found(table([dropping], { name: 'nat' })).dropPolicies).toEqual([])
    expect(inputRules(rulesOf([table([dropping], { family: 'ip6' })]), 'fd00::1', 22).dropPolicies).toEqual([
      'ip6tables filter INPUT',
    ])
  })
})

describe('nft tables', () => {
  const native = (rules: string[], policy = 'accept') =>
    table([{ name: 'in', hook: 'input', policy, rules }], { backend: 'native', family: 'inet', name: 'fw' })

  test.each([
    ['tcp dport 22 drop', true],
    ['tcp dport { 22, 80 } counter drop', true],
    ['tcp dport 20-25 drop', true],
    ['ip protocol tcp drop', true],
    ['meta l4proto tcp drop', true],
    ['iifname "docker0" tcp dport 22 drop', true],
    ['ip saddr 172.16.0.0/12 drop', false],
    ['ct state new drop', false],
    ['drop', false],
  ])('%s drops it', (rule, tcpOnly) => {
    expect(found(native([rule])).drops).toEqual([{ rule: `nft fw in: ${rule}`, tcpOnly }])
  })

  test.each([
    'udp dport 22 drop',
    'tcp dport 23 drop',
    'ct state invalid drop',
    'meta mark 0x1 drop',
    'limit rate over 5/second drop',
  ])('%s does not', (rule) => {
    expect(found(native([rule])).drops).toEqual([])
  })

  test('a reject rule, and a policy', () => {
    const { rejects, dropPolicies } = found(
      native(['tcp dport 22 reject with icmpx admin-prohibited'], 'drop'),
    )
    expect(rejects).toEqual(['nft fw in: tcp dport 22 reject with icmpx admin-prohibited'])
    expect(dropPolicies).toEqual(['nft fw in'])
  })
})
