import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { findProgram, suiteNeeds } from '../support/need.ts'

const file = fileURLToPath(new URL('../../deploy/prometheus/alertmanager.yaml', import.meta.url))
const rules = fileURLToPath(new URL('../../deploy/prometheus/rules/regguard.yaml', import.meta.url))

suiteNeeds(['amtool'])('Alertmanager', () => {
  test('accepts the example', async () => {
    const { stdout } = await execa(findProgram('amtool') ?? '', ['check-config', file])
    expect(stdout).toContain('3 inhibit rules')
  })
})

test('the example names alerts that exist, and inhibits within one registry', () => {
  const { inhibit_rules } = parse(readFileSync(file, 'utf8'))
  const text = readFileSync(rules, 'utf8')
  const alerts = [...text.matchAll(/alert: (\w+)/g)].map(([, alert = '']) => alert)
  const matching = (matchers: string[]) => {
    const [, operator, pattern = ''] = /^alertname (=~?) "?([^"]+)"?$/.exec(matchers[0] ?? '') ?? []
    return alerts.filter((alert) =>
      operator === '=' ? alert === pattern : new RegExp(`^(?:${pattern})$`).test(alert),
    )
  }
  const found = inhibit_rules.map((rule: Record<string, string[]>) => {
    expect(rule.equal).toEqual(['registry'])
    return [matching(rule.source_matchers ?? []).length, matching(rule.target_matchers ?? []).length]
  })
  expect(found).toEqual([
    [1, 9],
    [1, 1],
    [3, 1],
  ])
})
