import { execa } from 'execa'
import { describe, expect, test } from 'vitest'
import { type RuleBudget, ruleBudget } from '../../../../src/observe/runner/host/rule-budget.ts'
import { parseSave } from '../../../../src/observe/runner/host/save-text.ts'

const manyRules = (count: number, chain: (at: number) => string) => {
  const rules = Array.from(
    { length: count },
    (_, at) => `-A ${chain(at)} -s 10.0.0.0/8 -i br-${at.toString(16).padStart(12, '0')} -j ACCEPT`,
  )
  return `*filter\n:FORWARD ACCEPT [0:0]\n:DOCKER - [0:0]\n${rules.join('\n')}\n-A DOCKER -j RETURN\nCOMMIT\n`
}
const nft = { backend: 'nft', family: 'ip' } as const

describe('100,000 rules', () => {
  test('are kept up to the limit, then marked as truncated', () => {
    const budget = ruleBudget()
    const { tables } = parseSave(
      manyRules(100_000, () => 'FORWARD'),
      nft,
      budget,
    )
    expect(tables[0]?.chains[0]?.rules).toHaveLength(50_000)
    expect(budget.truncated()).toBe(true)
    expect(budget.rules()).toBe(100_001)
  })

  test('of Kubernetes services do not displace other rules, so that missing rules can still be found', () => {
    const budget = ruleBudget()
    const { tables } = parseSave(
      manyRules(100_000, (at) => `KUBE-SEP-${at % 1000}`),
      nft,
      budget,
    )
    const chains = tables[0]?.chains ?? []
    expect(chains.find(({ name }) => name === 'DOCKER')?.rules).toEqual(['-j RETURN'])
    const kept = chains.reduce((sum, { rules }) => sum + rules.length, 0)
    expect(kept).toBe(5001)
    expect(chains.reduce((sum, { leftOut = 0 }) => sum + leftOut, 0)).toBe(95_000)
    expect(budget.truncated()).toBe(false)
  })

  test('are each processed once', () => {
    const inner = ruleBudget()
    const calls = { keep: 0, chain: 0 }
    const budget: RuleBudget = {
      ...inner,
      keep: (chain, rule) => {
        calls.keep += 1
        inner.keep(chain, rule)
      },
      chain: () => {
        calls.chain += 1
        return inner.chain()
      },
    }
    parseSave(
      manyRules(100_000, () => 'FORWARD'),
      nft,
      budget,
    )
    expect(calls).toEqual({ keep: 100_001, chain: 2 })
  })

  test('and their JSON fit in a heap of 128 MiB', async () => {
    const script = `
      const { parseSave } = await import(${JSON.stringify(new URL('../../../../src/observe/runner/host/save-text.ts', import.meta.url).href)})
      const { ruleBudget } = await import(${JSON.stringify(new URL('../../../../src/observe/runner/host/rule-budget.ts', import.meta.url).href)})
      const rule = (at) => '-A FORWARD -s 10.0.0.0/8 -i br-' + at.toString(16).padStart(12, '0') + ' -m comment --comment "rule number ' + at + '" -j ACCEPT\\n'
      let text = '*filter\\n:FORWARD ACCEPT [0:0]\\n'
      for (let at = 0; at < 100000; at += 1) text += rule(at)
      const budget = ruleBudget()
      const { tables } = parseSave(Buffer.from(text).toString(), { backend: 'nft', family: 'ip' }, budget)
      process.stdout.write(String(JSON.stringify(tables).length > 1e6 && budget.truncated()))`
    const { stdout } = await execa(process.execPath, [
      '--max-old-space-size=128',
      '--input-type=module',
      '-e',
      script,
    ])
    expect(stdout).toBe('true')
  })

  test('in one chain each: chains are limited too', () => {
    const budget = ruleBudget()
    const { tables } = parseSave(
      manyRules(100_000, (at) => `CHAIN-${at}`),
      nft,
      budget,
    )
    expect(tables[0]?.chains).toHaveLength(50_000)
    expect(budget.truncated()).toBe(true)
  })

  test('a rule of a megabyte is shortened', () => {
    const { tables } = parseSave(
      `*filter\n-A FORWARD -m comment --comment "${'x'.repeat(1e6)}" -j DROP\n`,
      nft,
      ruleBudget(),
    )
    expect(tables[0]?.chains[0]?.rules[0]).toHaveLength(1000)
  })
})
