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

/** The causes of findings, all from one check. */
const explain = (findings: Finding[]) =>
  explainResults(
    [{ id: 'x', group: 'image', title: 'all is well', status: 'fail', remedies: [], findings }],
    checks,
  )

/** The causes of findings: id, severity and the number of findings. */
const faultsOf = (...findings: Finding[]) =>
  explain(findings).map(({ id, severity, findings: same }) => [id, severity, same.length])

describe('findings with one explanation are one cause', () => {
  test('100 missing layers are one cause', () => {
    const { causes, totals } = reportOf(manyLayersGone(100))
    expect(causes.map(({ id, findings }) => [id, findings.length])).toEqual([['layer-missing', 100]])
    expect(totals).toMatchObject({ findings: 100, causes: 1 })
  })

  test('in two repositories they are two causes', () => {
    const { causes } = reportOf((facts) => {
      manyLayersGone(3)(facts)
      const other = structuredClone(repositoryIn(facts))
      facts.image.repositories.push({ ...other, name: 'registry.example.com/team/other' })
    })
    expect(causes.map(({ findings }) => findings.length)).toEqual([3, 3])
  })

  test('findings of different ids are never one cause', () => {
    expect(faultsOf(finding('layer-missing', 'x'), finding('config-missing', 'x'))).toHaveLength(2)
    expect(faultsOf(finding('layer-missing', 'x y'), finding('layer-missing', 'x'))).toHaveLength(2)
  })

  test('no findings have no cause', () => {
    expect(explain([])).toEqual([])
  })

  test('every finding is kept, in order', () => {
    const findings = ['one', 'two', 'three'].map((subject) =>
      finding('layer-missing', 'x', 'error', { subject }),
    )
    expect(explain(findings)[0]?.findings).toEqual(findings)
  })
})

describe('a cause', () => {
  test('has the texts of its worst finding', () => {
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

  test('has a reason only where one is known', () => {
    expect(explain([finding('layer-missing', 'x')])[0]).not.toHaveProperty('because')
    expect(explain([finding('layer-missing', 'x', 'error', { because: 'of this' })])[0]?.because).toBe(
      'of this',
    )
  })
})

describe('the order of causes', () => {
  test('the worst come first', () => {
    const causes = faultsOf(
      finding('tag-missing', '', 'note'),
      finding('layer-missing', '', 'warning'),
      finding('requests-repeated', '', 'error'),
    )
    expect(causes.map(([, severity]) => severity)).toEqual(['error', 'warning', 'note'])
  })

  test('then the order of the checks decides', () => {
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

describe('a cause that another explains', () => {
  const covered = (severity: Severity) => finding('name-not-resolved', 'x', severity, { subject: 'covered' })

  test('is reported under the worst of the other’s causes, once', () => {
    const causes = explain([
      finding('resolver-dead', 'a', 'warning'),
      finding('resolver-dead', 'b', 'error'),
      finding('resolver-dead', 'c', 'error'),
      covered('error'),
    ])
    expect(causes.map(({ findings }) => findings.map(({ subject }) => subject))).toEqual([
      ['a.b/c', 'covered'],
      ['a.b/c'],
      ['a.b/c'],
    ])
  })

  test('stays a cause where the other is less severe', () => {
    expect(faultsOf(finding('resolver-dead', 'a', 'warning'), covered('error'))).toEqual([
      ['name-not-resolved', 'error', 1],
      ['resolver-dead', 'warning', 1],
    ])
  })

  test('stays a cause where the other explains other hosts', () => {
    const ofHost = (subject: string) => finding('name-not-resolved', subject, 'error', { subject })
    expect(
      faultsOf(
        finding('resolver-dead', 'a', 'error', { explains: ['a.lan'] }),
        ofHost('a.lan:5000'),
        ofHost('a.lan'),
        ofHost('a.lan.example'),
      ),
    ).toEqual([
      ['resolver-dead', 'error', 3],
      ['name-not-resolved', 'error', 1],
    ])
  })

  test('is divided among the causes that explain its findings; what none explains stays', () => {
    const heads = ['a.lan', 'b.lan'].map((host) =>
      finding('resolver-dead', host, 'error', { subject: host, explains: [host] }),
    )
    const shared = (subject: string) => finding('name-not-resolved', 'shared', 'warning', { subject })
    const subjects = (...found: Finding[]) =>
      explain(found).map(({ findings }) => findings.map(({ subject }) => subject))
    expect(subjects(...heads, shared('a.lan'), shared('b.lan'))).toEqual([
      ['a.lan', 'a.lan'],
      ['b.lan', 'b.lan'],
    ])
    expect(subjects(...heads, shared('a.lan'), shared('c.lan'))).toEqual([
      ['a.lan', 'a.lan'],
      ['b.lan'],
      ['c.lan'],
    ])
  })
})

describe('commands that repair a storage', () => {
  const repair = (cause: string, commands: string[]) =>
    finding('storage-tag-dangling', cause, 'error', {
      group: 'storage',
      commands,
      advice: `Repair ${cause}.`,
    })

  test('are listed once, where one cause has all of another', () => {
    const causes = explain([repair('a', ['mv', 'curl']), repair('b', ['curl']), repair('c', ['curl', 'aws'])])
    expect(causes.map(({ advice, commands }) => [advice, commands])).toEqual([
      ['Repair a.', ['mv', 'curl']],
      ['Repair b. The commands are above.', undefined],
      ['Repair c.', ['curl', 'aws']],
    ])
  })
})

describe('what to do about a cause', () => {
  const one = (subject: string, advice: string, commands: string[], severity: Severity = 'error') =>
    finding('storage-orphaned-index', 'all', severity, { subject, advice, commands })

  test('has the commands of all its findings, each once and in their order', () => {
    const [cause] = explain([
      one('a', 'repair', ['move a', 'restart', 'put a']),
      one('b', 'repair', ['move b', 'restart', 'put b']),
    ])
    expect(cause?.commands).toEqual(['move a', 'move b', 'restart', 'put a', 'put b'])
    expect(cause).not.toHaveProperty('also')
  })

  test('keeps commands beside the advice that they are for, the worst first', () => {
    const [cause] = explain([
      one('a', 'tidy', ['move a'], 'warning'),
      one('b', 'repair', ['put b']),
      one('c', 'rebuild', []),
    ])
    expect(cause).toMatchObject({
      ...{ advice: 'repair', commands: ['put b'] },
      also: [{ advice: 'rebuild' }, { advice: 'tidy', commands: ['move a'] }],
    })
  })
})
