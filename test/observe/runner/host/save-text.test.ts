import { describe, expect, test } from 'vitest'
import type { TableFact } from '../../../../src/facts/runner.ts'
import { ruleBudget } from '../../../../src/observe/runner/host/rule-budget.ts'
import { parseSave } from '../../../../src/observe/runner/host/save-text.ts'
import { recorded } from './recorded.ts'

const nft = { backend: 'nft', family: 'ip' } as const
const parse = (text: string, kind: Pick<TableFact, 'backend' | 'family'> = nft) => {
  const budget = ruleBudget()
  return { ...parseSave(text, kind, budget), budget }
}

/** The rules of a text, parsed independently: every rule with its chain, in order, by table. */
const rulesByTable = (text: string): Record<string, string[]> => {
  const tables: Record<string, string[]> = {}
  for (const part of text.split(/^\*/m).slice(1)) {
    const [name = '', ...lines] = part.split('\n')
    tables[name] = lines.flatMap((line) =>
      line.includes('-A ') ? [line.slice(line.indexOf('-A ') + 3)] : [],
    )
  }
  return tables
}

const flat = (tables: TableFact[]): Record<string, string[]> =>
  Object.fromEntries(
    tables.map(({ name, chains }) => [
      name,
      chains.flatMap((chain) => chain.rules.map((rule) => `${chain.name} ${rule}`)),
    ]),
  )

describe('recorded rules of Docker and iptables', () => {
  test.each(['docker-20-nft.save', 'docker-20-legacy.save', 'docker-28.save'])('every rule of %s', (name) => {
    const text = recorded(name)
    const { tables, budget } = parse(text)
    const expected = rulesByTable(text)
    const sorted = (all: Record<string, string[]>) =>
      Object.fromEntries(Object.entries(all).map(([table, rules]) => [table, rules.toSorted()]))
    expect(sorted(flat(tables))).toEqual(sorted(expected))
    expect(budget.rules()).toBe(Object.values(expected).flat().length)
    expect(budget.truncated()).toBe(false)
  })

  test('a base chain has a policy and a hook, a user chain has neither', () => {
    const { tables } = parse(recorded('docker-20-nft.save'))
    const chains = tables.find(({ name }) => name === 'filter')?.chains ?? []
    expect(chains.find(({ name }) => name === 'FORWARD')).toMatchObject({ policy: 'DROP', hook: 'FORWARD' })
    const user = chains.find(({ name }) => name === 'DOCKER-USER')
    expect(user).toEqual({ name: 'DOCKER-USER', rules: ['-j RETURN'] })
  })

  test('the order of rules is kept, without counters', () => {
    const { tables } = parse(recorded('docker-20-legacy.save'), { backend: 'legacy', family: 'ip' })
    const forward = tables[1]?.chains.find(({ name }) => name === 'FORWARD')?.rules
    expect(forward?.slice(0, 2)).toEqual(['-j DOCKER-USER', '-j DOCKER-ISOLATION-STAGE-1'])
    expect(tables.every(({ backend }) => backend === 'legacy')).toBe(true)
  })

  test('the trailing blank of iptables 1.4 is not part of a rule', () => {
    const [nat] = parse(recorded('iptables-1.4-legacy.save')).tables
    expect(nat?.chains.find(({ name }) => name === 'PREROUTING')?.rules).toEqual([
      '-m addrtype --dst-type LOCAL -j DOCKER',
      '-m addrtype --dst-type LOCAL -j DOCKER',
    ])
  })

  test('rule syntax inside a comment is not a rule', () => {
    const { tables } = parse(recorded('iptables-1.8.7-nft.save'))
    expect(tables.map(({ name }) => name)).toEqual(['filter'])
    expect(tables[0]?.chains.find(({ name }) => name === 'FORWARD')?.rules).toEqual([])
    expect(tables[0]?.chains.find(({ name }) => name === 'INPUT')?.rules).toHaveLength(3)
  })
})

describe('rules written by a newer iptables', () => {
  const rule = (chain: string) =>
    `*nat\n:${chain} - [0:0]\n-A ${chain} -p tcp -j DNAT [unsupported revision]\nCOMMIT\n`

  test('are counted', () => expect(parse(rule('DOCKER')).unsupported).toBe(1))
  test('except those of single Kubernetes services, which no finding depends on', () =>
    expect(parse(recorded('iptables-1.8.7-nft.save')).unsupported).toBe(0))
})

describe('truncated texts', () => {
  test('in the middle of a rule: the rules before it are kept', () => {
    const text = recorded('docker-28.save')
    const { tables } = parse(text.slice(0, text.indexOf('--ctstate')))
    expect(tables[1]?.chains.find(({ name }) => name === 'DOCKER')?.rules).toHaveLength(2)
  })
  test('at the beginning: a rule creates its undeclared chain', () => {
    expect(parse('*filter\n-A LOST -j DROP\n').tables[0]?.chains).toEqual([
      { name: 'LOST', rules: ['-j DROP'] },
    ])
  })
  test.each(['', '\n\n', 'COMMIT\n', '-A FORWARD -j DROP\n', 'iptables: command not found'])(
    '%j has no tables',
    (text) => expect(parse(text).tables).toEqual([]),
  )
})
