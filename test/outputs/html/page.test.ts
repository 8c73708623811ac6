import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { renderHtml } from '../../../src/outputs/html/page.ts'
import { script, scriptHash } from '../../../src/outputs/html/script.ts'
import { reportSchema } from '../../../src/report/schema.ts'
import { hostileText } from '../../log/hostile.ts'
import { certificateEnds } from '../../report/changes.ts'
import { reportOf } from '../../report/reports.ts'
import { fullReport } from '../full-report.ts'
import { poisonedEverywhere } from '../poison-all.ts'
import { scene, sceneNames } from '../scenes.ts'
import { markupIn } from './markup-in.ts'

const embeddedIn = (page: string): unknown =>
  JSON.parse(/<script type="application\/json" id="report">(.*?)<\/script>/s.exec(page)?.[1] ?? '')

const sectionsIn = (page: string) => [...page.matchAll(/<section id="([a-z]+)"/g)].map(([, id]) => id)

/** What a person sees, without script, style and data. */
const textOf = (page: string): string =>
  page
    .replace(/<(script|style|title)\b.*?<\/\1>/gs, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')

test('the report itself is in the page, unchanged', () => {
  const report = fullReport()
  expect(embeddedIn(renderHtml(report))).toEqual(JSON.parse(JSON.stringify(report)))
  expect(reportSchema.safeParse(embeddedIn(renderHtml(report))).success).toBe(true)
})

test('every group of a report has its part, those at fault first', () => {
  const onlyPath = reportOf(certificateEnds(3))
  expect(sectionsIn(renderHtml(onlyPath)).slice(0, 2)).toEqual(['path', 'image'])
  expect(sectionsIn(renderHtml(fullReport()))).toEqual([
    'causes',
    'image',
    'registry',
    'path',
    'runner',
    'storage',
    'notes',
    'checks',
  ])
})

test.each(sceneNames)('%s: the page is small, and begins with the verdict', (name) => {
  const page = renderHtml(scene(name, { platform: 'plain' }))
  expect(page.length).toBeLessThan(300_000)
  expect(page.indexOf('<h1>')).toBeLessThan(page.indexOf('<section'))
  expect([...page.matchAll(/<h1>/g)]).toHaveLength(1)
})

test('the first lines of a failure name the cause, the evidence and the action', () => {
  const text = textOf(renderHtml(scene('orphaned-index', { platform: 'plain' })))
  const order = [
    'Failed',
    'Orphaned index',
    'registry 2.x leaves this behind',
    'What to do',
    'Rebuild and push',
  ]
  const places = order.map((words) => text.indexOf(words))
  expect(places).toEqual(places.toSorted((a, b) => a - b))
  expect(places.every((place) => place >= 0)).toBe(true)
})

test('what was not inspected says why, and what would make it possible', () => {
  const page = renderHtml(scene('registry-down', { platform: 'plain' }))
  expect(textOf(page)).toMatch(/not inspected every .{0,400}nothing listens on 192\.0\.2\.10 port 443/)
})

test('the policy allows the script of the page, and nothing else', () => {
  const hash = createHash('sha256').update(script.html).digest('base64')
  expect(scriptHash).toBe(`sha256-${hash}`)
  const page = renderHtml(reportOf())
  expect(page).toContain(`script-src '${scriptHash}'`)
  expect(page).toContain(`<script>${script.html}</script>`)
})

describe('whatever the registry, the image and the runner say', () => {
  const full = fullReport()

  test('no element, attribute or link is added by it', () => {
    const plain = markupIn(renderHtml(poisonedEverywhere(full, ['x', 'y'])))
    fc.assert(
      fc.property(fc.array(htmlText(), { minLength: 1, maxLength: 9 }), (texts) => {
        const found = markupIn(renderHtml(poisonedEverywhere(full, texts)))
        expect(found.rest).not.toMatch(/[<>]/)
        expect([...found.kinds].filter((kind) => !plain.kinds.has(kind))).toEqual([])
        expect(found.links.filter((link) => !/^(?:#[a-z]+|https?:\/\/\S+)$/.test(link))).toEqual([])
      }),
      { numRuns: 40 },
    )
  })

  test('no character is invisible, or turns a line around', () => {
    fc.assert(
      fc.property(fc.array(htmlText(), { minLength: 1, maxLength: 9 }), (texts) => {
        const page = renderHtml(poisonedEverywhere(full, texts))
        expect(page.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
      }),
      { numRuns: 40 },
    )
  })

  test('a text of 10 MB is cut, with a mark', () => {
    const page = renderHtml({ ...fullReport(), stopped: '<b>'.repeat(3_500_000) })
    expect(textOf(page)).toContain('&lt;b&gt;…')
    expect(page.length).toBeLessThan(300_000)
  })
})

test('of very many images the page shows those that are not well, and lists the others', () => {
  const report = fullReport()
  const [target] = report.targets
  if (!target) throw new Error('no target')
  const well = Array.from({ length: 2000 }, (_, at) => ({
    ...target,
    ...{ reference: `registry.example.com/team/app:${at}`, digest: `sha256:${at}`, status: 'pass' as const },
    ...{ members: [], faults: [] },
  }))
  const page = renderHtml({ ...report, targets: [target, ...well] })
  expect(textOf(page)).toContain('2000 other images')
  expect([...page.matchAll(/<figure class="image">/g)]).toHaveLength(1)
})

/** Hostile texts, with what a page could obey. */
const htmlText = () =>
  fc
    .tuple(
      fc.constantFrom(
        '',
        '<script>alert(1)</script>',
        '</script><script>alert(1)</script>',
        '"><img src=x onerror=alert(1)>',
        "' onmouseover='alert(1)",
        '<!--',
        ']]>',
        '&lt;b&gt;',
        'javascript:alert(1)',
        'data:text/html,<script>alert(1)</script>',
        '</style><style>*{display:none}',
        '</title><svg onload=alert(1)>',
      ),
      hostileText(),
    )
    .map((parts) => parts.join(''))

test('of very many causes the first five below the verdict stand open, and each other one has a line that names it', () => {
  const report = fullReport()
  const [cause] = report.causes.filter(({ severity }) => severity === 'error')
  const [finding] = cause?.findings ?? []
  if (!cause || !finding) throw new Error('no cause')
  const causes = Array.from({ length: 40 }, (_, n) => ({
    ...cause,
    findings: [{ ...finding, subject: `registry.example.com/team/app:${n}` }],
  }))
  const page = renderHtml({ ...report, causes })
  expect(page.match(/<article class="cause">/g)).toHaveLength(5)
  const lines = [...page.matchAll(/<details class="cause"><summary>(.*?)<\/summary>/gs)].map(
    ([, line = '']) => line,
  )
  expect(lines).toHaveLength(34)
  expect(lines[0]).toContain('registry.example.com/team/app:6')
  expect(lines.at(-1)).toContain('registry.example.com/team/app:39')
})

test('every image that is not well is on the page, however many there are, before those that are well', () => {
  const report = fullReport()
  const [target] = report.targets
  if (!target) throw new Error('no target')
  const targets = Array.from({ length: 100 }, (_, at) => ({
    ...structuredClone(target),
    ...{ reference: `registry.example.com/team/app:${at}`, digest: `sha256:${at}` },
    ...(at < 50 ? { status: 'pass' as const, faults: [], members: [] } : { status: 'fail' as const }),
  }))
  const page = renderHtml({ ...report, targets }).replace(
    /<script type="application\/json".*?<\/script>/s,
    '',
  )
  expect(page).toContain('88 other images, 38 not well')
  for (const { reference } of targets) expect(page).toMatch(new RegExp(`${reference}(?!\\d)`))
  expect(page.search(/team\/app:99(?!\d)/)).toBeLessThan(page.search(/team\/app:0(?!\d)/))
})
