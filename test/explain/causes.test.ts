import { describe, expect, test } from 'vitest'
import { checks } from '../../src/checks/index.ts'
import type { Finding, Severity } from '../../src/core/finding.ts'
import { explain as explainResults } from '../../src/explain/causes.ts'
import { manyLayersGone } from '../report/changes.ts'
import { reportOf } from '../report/reports.ts'
import { absent, all, cut, repositoryIn, withBlob, withManifest } from '../support/facts.ts'

const finding = (
  id: string,
  cause: string,
  severity: Severity = 'error',
  more: Partial<Finding> = {},
): Finding => ({
  id,
  group: 'image',
  severity,
  subject: 'a.b/c',
  message: 'something',
  evidence: [],
  advice: `advice for ${severity}`,
  cause,
  title: `title for ${severity}`,
  ...more,
})

/** The causes of findings, as one check had them all. */
const explain = (findings: Finding[]) =>
  explainResults(
    [{ id: 'x', group: 'image', title: 'all is well', status: 'fail', remedies: [], findings }],
    checks,
  )

/** The causes of findings: id, severity and how many findings each has. */
const faultsOf = (...findings: Finding[]) =>
  explain(findings).map(({ id, severity, findings: same }) => [id, severity, same.length])

describe('findings with one explanation are one cause', () => {
  test('187 missing layers are one cause', () => {
    const { causes, totals } = reportOf(manyLayersGone(187))
    expect(causes.map(({ id, findings }) => [id, findings.length])).toEqual([['layer-missing', 187]])
    expect(totals).toMatchObject({ findings: 187, causes: 1 })
  })

  test('in two repositories they are two', () => {
    const { causes } = reportOf((facts) => {
      manyLayersGone(3)(facts)
      const other = structuredClone(repositoryIn(facts))
      facts.image.repositories.push({ ...other, name: 'registry.example.com/team/other' })
    })
    expect(causes.map(({ findings }) => findings.length)).toEqual([3, 3])
  })

  test('different findings are never one cause', () => {
    expect(faultsOf(finding('layer-missing', 'x'), finding('config-missing', 'x'))).toHaveLength(2)
    expect(faultsOf(finding('layer-missing', 'x y'), finding('layer-missing', 'x'))).toHaveLength(2)
  })

  test('no findings have no cause', () => {
    expect(explain([])).toEqual([])
  })

  test('every finding is kept, in its order', () => {
    const findings = ['one', 'two', 'three'].map((subject) =>
      finding('layer-missing', 'x', 'error', { subject }),
    )
    expect(explain(findings)[0]?.findings).toEqual(findings)
  })
})

describe('a cause', () => {
  test('is told in the words of its worst finding', () => {
    const [cause] = explain([
      finding('layer-missing', 'x', 'warning'),
      finding('layer-missing', 'x', 'error'),
    ])
    expect(cause).toMatchObject({
      severity: 'error',
      title: 'title for error',
      advice: 'advice for error',
      page: 'docs/findings/layer-missing.md',
    })
  })

  test('says why only where that is known', () => {
    expect(explain([finding('layer-missing', 'x')])[0]).not.toHaveProperty('because')
    expect(explain([finding('layer-missing', 'x', 'error', { because: 'of this' })])[0]?.because).toBe(
      'of this',
    )
  })
})

describe('the order of the causes', () => {
  test('is the worst first', () => {
    const causes = faultsOf(
      finding('tag-missing', '', 'note'),
      finding('layer-missing', '', 'warning'),
      finding('requests-repeated', '', 'error'),
    )
    expect(causes.map(([, severity]) => severity)).toEqual(['error', 'warning', 'note'])
  })

  test('and then that of the checks', () => {
    const { causes } = reportOf(
      all(
        withBlob('amd64 layer', cut(100)),
        withBlob('arm64 layer', absent()),
        withManifest('arm64', absent()),
      ),
    )
    expect(causes.map(({ id }) => id)).toEqual(['orphaned-index', 'layer-missing', 'blob-truncated'])
  })
})
