import { describe, expect, test } from 'vitest'
import { parseNftTable, parseTableNames } from '../../../../src/observe/runner/host/nft-text.ts'
import { ruleBudget } from '../../../../src/observe/runner/host/rule-budget.ts'
import { recorded } from './recorded.ts'

const parse = (text: string) => parseNftTable(text, ruleBudget())

describe('the table of Docker 29 in nftables mode', () => {
  const table = parse(recorded('docker-29.nft'))

  test('has each chain with its hook, policy and rules, without counters', () => {
    expect(table).toMatchObject({ backend: 'native', family: 'ip', name: 'docker-bridges' })
    const chain = (wanted: string) => table?.chains.find(({ name }) => name === wanted)
    expect(chain('filter-FORWARD')).toEqual({
      name: 'filter-FORWARD',
      hook: 'forward',
      type: 'filter',
      priority: 0,
      policy: 'accept',
      rules: ['oifname vmap @filter-forward-in-jumps', 'iifname vmap @filter-forward-out-jumps'],
    })
    expect(chain('nat-postrouting-in__br-dummy')).toEqual({ name: 'nat-postrouting-in__br-dummy', rules: [] })
    expect(chain('nat-postrouting-out__br-dummy')?.rules).toEqual([
      'oifname != "br-dummy" ip saddr 192.168.0.0/24 counter masquerade comment "MASQUERADE"',
    ])
    expect(table?.chains).toHaveLength(10)
  })

  test('has the maps from bridges to chains', () => {
    expect(table?.sets).toHaveLength(4)
    expect(table?.sets?.[0]).toEqual({
      name: 'filter-forward-in-jumps',
      elements: ['"br-dummy" : jump filter-forward-in__br-dummy'],
    })
  })
})

describe('other syntax of nft', () => {
  const text = (...lines: string[]) => `table inet t {\n${lines.map((line) => `\t${line}`).join('\n')}\n}\n`

  test('elements on several lines, with commas inside strings', () => {
    const map = text(
      'map m {',
      '\ttype ifname : verdict',
      '\telements = { "br-a" : drop,',
      '\t\t     "b,c" : jump x,',
      '\t\t     "d}" : accept }',
      '}',
    )
    expect(parse(map)?.sets).toEqual([
      { name: 'm', elements: ['"br-a" : drop', '"b,c" : jump x', '"d}" : accept'] },
    ])
  })

  test('an anonymous chain inside a rule', () => {
    const chain = text('chain a {', '\tip saddr 10.0.0.1 jump {', '\t\tcounter accept', '\t}', '\tdrop', '}')
    expect(parse(chain)?.chains).toEqual([
      { name: 'a', rules: ['ip saddr 10.0.0.1 jump { counter accept }', 'drop'] },
    ])
  })

  test('braces in comments are ignored', () => {
    const chain = text(
      'chain a {',
      '\tcomment "of { all"',
      '\taccept comment "}"',
      '}',
      'chain b {',
      '\tdrop',
      '}',
    )
    expect(parse(chain)?.chains).toEqual([
      { name: 'a', rules: ['accept comment "}"'] },
      { name: 'b', rules: ['drop'] },
    ])
  })

  test('a chain bound to a device', () => {
    const chain = `table netdev t {\n\tchain in {\n\t\ttype filter hook ingress device "eth0" priority -500; policy drop;\n\t}\n}\n`
    expect(parse(chain)?.chains).toEqual([
      {
        ...{ name: 'in', hook: 'ingress', type: 'filter', policy: 'drop', rules: [] },
        ...{ priority: -500, devices: ['eth0'] },
      },
    ])
  })

  test.each([
    ['inet', 'filter', 0],
    ['inet', 'filter + 5', 5],
    ['ip', 'mangle - 10', -160],
    ['ip6', 'srcnat', 100],
    ['bridge', 'filter', -200],
    ['bridge', 'dstnat + 1', -299],
    ['ip', '-450', -450],
    ['ip', 'nonsense', undefined],
  ])('in the family %s, the priority %s', (family, text, priority) => {
    const table = `table ${family} t {\n\tchain c {\n\t\ttype filter hook forward priority ${text}; policy accept;\n\t}\n}\n`
    expect(parse(table)?.chains[0]?.priority).toBe(priority)
  })

  test('several devices', () => {
    const chain = text(
      'chain c {',
      '\ttype filter hook ingress devices = { "eth0", "eth1" } priority 0; policy accept;',
      '}',
    )
    expect(parse(chain)?.chains[0]?.devices).toEqual(['eth0', 'eth1'])
  })

  test('a set with more elements than are kept', () => {
    const elements = Array.from({ length: 20_001 }, (_, at) => `\t\t     10.0.${at >> 8}.${at & 255},`)
    const table = text('set s {', '\ttype ipv4_addr', '\telements = { 192.0.2.1,', ...elements, '}')
    const [set] = parse(table)?.sets ?? []
    expect([set?.elements.length, set?.incomplete]).toEqual([20_000, true])
  })

  test('names of tables, without other lines', () => {
    expect(parseTableNames('table ip filter\ntable inet firewalld\n# table ip no\ntable x y\n')).toEqual([
      { family: 'ip', name: 'filter' },
      { family: 'inet', name: 'firewalld' },
    ])
  })

  test.each(['', 'Error: syntax error', 'table x y {\n}\n'])('no table in %j', (given) =>
    expect(parse(given)).toBeUndefined(),
  )
})
