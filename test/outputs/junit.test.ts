import fc from 'fast-check'
import { SaxesParser } from 'saxes'
import { describe, expect, test } from 'vitest'
import { renderJunit } from '../../src/outputs/junit.ts'
import type { Report } from '../../src/report/schema.ts'
import { reportOf } from '../report/reports.ts'
import { absent, all, unseen, withBlob, withManifest } from '../support/facts.ts'
import { hostileTexts, poisoned } from './poison.ts'

/** What Jenkins' junit-10.xsd allows: the attributes of each element that this output uses, and the elements in it. */
const dialect: Record<string, { attributes: string; required: string; content: string }> = {
  testsuites: { attributes: 'name time tests failures errors', required: '', content: 'testsuite' },
  testsuite: {
    attributes: 'name tests failures errors group time skipped timestamp hostname id package file log url',
    required: 'name tests failures errors',
    content: 'testsuite properties testcase system-out system-err',
  },
  testcase: {
    attributes: 'name time classname group',
    required: 'name',
    content: 'skipped error failure system-out system-err',
  },
  failure: { attributes: 'type message', required: '', content: '' },
  error: { attributes: 'type message', required: '', content: '' },
  skipped: { attributes: 'type message', required: '', content: '' },
  'system-out': { attributes: '', required: '', content: '' },
}

interface Element {
  name: string
  attributes: Record<string, string>
  text: string
  content: Element[]
}

/** Parses strictly, and holds every element to the dialect. */
function parsed(xml: string): Element {
  const parser = new SaxesParser()
  const top: Element = { name: '', attributes: {}, text: '', content: [] }
  const open = [top]
  parser.on('error', (error) => {
    throw error
  })
  parser.on('opentag', ({ name, attributes }) => {
    const element: Element = { name, attributes: { ...attributes }, text: '', content: [] }
    const rule = dialect[name]
    const parent = open.at(-1)
    if (parent && parent !== top) expect(dialect[parent.name]?.content.split(' ')).toContain(name)
    for (const attribute of Object.keys(attributes))
      expect(rule?.attributes.split(' '), name).toContain(attribute)
    for (const attribute of rule?.required.split(' ').filter(Boolean) ?? [])
      expect(Object.keys(attributes), name).toContain(attribute)
    parent?.content.push(element)
    open.push(element)
  })
  parser.on('closetag', () => open.pop())
  parser.on('text', (text) => {
    const parent = open.at(-1)
    if (parent) parent.text += text
  })
  parser.write(xml).close()
  const [root] = top.content
  if (!root) throw new Error('no element')
  return root
}

const casesIn = (element: Element): Element[] =>
  element.name === 'testcase' ? [element] : element.content.flatMap(casesIn)

const outcomes = (report: Report) =>
  casesIn(parsed(renderJunit(report))).map(({ attributes, content }) => ({
    id: `${attributes.classname} ${attributes.name}`,
    outcome: content.find(({ name }) => name !== 'system-out'),
    output: content.find(({ name }) => name === 'system-out')?.text,
  }))

const outcomeOf = (report: Report, id: string) => outcomes(report).find((one) => one.id.startsWith(id))

const missing = withManifest('arm64', absent())
const cutBlob = withBlob('amd64 layer', unseen('registry-error'))

describe('a report as JUnit', () => {
  test('a healthy run fails nothing, and has a case for its image and for every check that ran', () => {
    const report = reportOf()
    const all = outcomes(report)
    expect(all.filter(({ outcome }) => outcome)).toEqual([])
    expect(all).toHaveLength(
      report.targets.length +
        report.checks.filter(({ status }) => status !== 'off').length +
        report.groups.filter(({ required }) => required).length,
    )
  })

  test('the counts of every suite are those of its cases', () => {
    const root = parsed(renderJunit(reportOf(all(missing, cutBlob))))
    const count = (suite: Element, kind: string) =>
      casesIn(suite).filter(({ content }) => content.some(({ name }) => name === kind)).length
    for (const suite of [root, ...root.content]) {
      expect(Number(suite.attributes.tests)).toBe(casesIn(suite).length)
      expect(Number(suite.attributes.failures)).toBe(count(suite, 'failure'))
      expect(Number(suite.attributes.errors)).toBe(count(suite, 'error'))
    }
    expect(Number(root.attributes.failures)).toBeGreaterThan(0)
  })

  test('a fault fails its check and its image, with cause and advice', () => {
    const report = reportOf(missing)
    const [cause] = report.causes
    const check = outcomeOf(report, 'regguard.image.orphaned-index ')
    expect(check?.outcome?.name).toBe('failure')
    expect(check?.outcome?.attributes.message).toBe(cause?.title)
    expect(check?.outcome?.text).toContain(`do: ${cause?.advice}`)
    expect(outcomeOf(report, 'regguard.images ')?.outcome?.name).toBe('failure')
  })

  test('names do not depend on how a case ended, so that its history stays together', () => {
    const names = (report: Report) => outcomes(report).map(({ id }) => id)
    expect(names(reportOf(missing))).toEqual(expect.arrayContaining(names(reportOf())))
  })

  test('what was not inspected is skipped with the reason, and an error where it is required', () => {
    const report = reportOf(cutBlob)
    const skipped = outcomes(report).filter(({ outcome }) => outcome?.name === 'skipped')
    expect(skipped.map(({ outcome }) => outcome?.attributes.message).join('\n')).toContain(
      'registry.example.com',
    )
    expect(outcomeOf(report, 'regguard.image was inspected')?.outcome?.name).toBe('error')
  })

  test('a warning is told, and fails only a run that failed for warnings', () => {
    const warned = withManifest('arm64 attestation', absent())
    const of = (given: Record<string, string>) =>
      outcomeOf(reportOf(warned, { given }), 'regguard.image.attestation-missing ')
    expect(of({})?.outcome).toBeUndefined()
    expect(of({})?.output).toContain('do: ')
    expect(of({ fail_on: 'warning' })?.outcome?.name).toBe('failure')
  })

  test('a check that crashed is an error', () => {
    const report = reportOf(() => {}, {
      crashes: [{ check: 'layer-missing', error: new Error('a mistake') }],
    })
    expect(outcomeOf(report, 'regguard.image.layer-missing ')?.outcome?.name).toBe('error')
  })

  test('is well-formed and of the dialect, whatever texts a registry sends', () => {
    fc.assert(
      fc.property(hostileTexts(), (texts) => {
        expect(casesIn(parsed(renderJunit(poisoned(texts)))).length).toBeGreaterThan(1)
      }),
      { numRuns: 40 },
    )
  })
})
