import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import axe from 'axe-core'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { reportIn } from '../../src/outputs/html/embedded.ts'
import { renderOverview } from '../../src/outputs/html/overview.ts'
import { renderHtml } from '../../src/outputs/html/page.ts'
import { renderWatch } from '../../src/outputs/html/watch.ts'
import { type Report, reportSchema } from '../../src/report/schema.ts'
import { fullReport } from '../outputs/full-report.ts'
import { fault, registryOf, reportOf as watchOf } from '../outputs/html/watch-reports.ts'
import { poisonedEverywhere } from '../outputs/poison-all.ts'
import { difference, openPage, startBrowser, type Watched } from '../support/browser.ts'
import { suiteNeeds } from '../support/need.ts'

const incident = (name: string): Report =>
  reportSchema.parse(
    JSON.parse(readFileSync(new URL(`../outputs/incidents/${name}.jsonl`, import.meta.url), 'utf8')),
  )

/** The first screen of each has to name the cause and what to do. */
const incidents = [
  ['orphaned-index', 'Orphaned index', /Rebuild and push again/],
  ['hairpin', 'Hairpin suspected', /Give the name its internal address on every node/],
  ['bridge-churn', 'Bridge churn race', /restart Docker/],
  ['egress', 'Egress at fault', /Run the same probe on another machine/],
  ['dns-layers', 'DNS layers disagree', /Configure the same servers in every layer/],
  ['garbage-collection', 'Garbage collection breaks images', /Take --delete-untagged \(-m\) out of the job/],
] as const

const images = new URL('../../docs/images/', import.meta.url)
/** The part of a picture that fonts and versions of Chromium may change. */
const tolerance = 0.02

suiteNeeds(['chromium'])('the page in a browser', () => {
  let browser: Browser
  let opened: Watched[] = []
  beforeAll(async () => {
    browser = await startBrowser()
  })
  afterAll(() => browser?.close())

  const open = async (report: Report, options: Parameters<typeof openPage>[2] = {}): Promise<Page> => {
    const watched = await openPage(browser, renderHtml(report), options)
    opened.push(watched)
    return watched.page
  }
  /** No page may fetch anything, run anything that is not its own, or log an error. */
  const expectQuiet = () => {
    expect(opened.flatMap(({ said }) => said)).toEqual([])
    opened = []
  }

  describe.each(incidents)('%s', (name, cause, action) => {
    test('the first screen names the cause and what to do, as it was found good', async () => {
      const page = await open(incident(name), { colorScheme: 'light' })
      const heading = page.locator('h1')
      expect(await heading.textContent()).toBe(cause)
      const advice = page.getByText(action).first()
      expect((await advice.boundingBox())?.y).toBeLessThan(700)
      const shot = await page.screenshot()
      const file = new URL(`page-${name}.png`, images)
      if (process.env.UPDATE_GOLDEN === '1') {
        mkdirSync(images, { recursive: true })
        writeFileSync(file, shot)
      }
      expectQuiet()
      const blank = await browser.newPage()
      expect(await difference(blank, shot, readFileSync(file))).toBeLessThan(tolerance)
      await blank.close()
    })

    test.each([
      ['light', { colorScheme: 'light' }],
      ['dark', { colorScheme: 'dark' }],
      ['narrow', { viewport: { width: 360, height: 740 } }],
    ] as const)('has no fault that axe knows: %s', async (_, options) => {
      const page = await open(incident(name), options)
      expect(await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')).toBe(0)
      await page.evaluate("document.querySelectorAll('details').forEach((part) => { part.open = true })")
      expect(await violations(page)).toEqual([])
      expectQuiet()
    })
  })

  /** A scan of which collections harm images in different ways. */
  const scanned = (): Report => {
    const report = incident('garbage-collection')
    const harmed = (tag: string, harm: 'breaks' | 'loses-repair', platforms: number) => ({
      ...{ repository: 'infra/ci', digest: `sha256:${tag.padEnd(64, '0')}`, tags: [tag] },
      ...{ harm, platforms, of: 3 },
    })
    const [plain, untagged] = report.storage?.forecast ?? []
    if (!plain || !untagged) throw new Error('no forecast')
    plain.images = [harmed('2', 'loses-repair', 1)]
    untagged.images = Array.from({ length: 40 }, (_, at) => harmed(String(at), 'breaks', 2))
    return report
  }
  const watched = () =>
    renderWatch(
      watchOf(
        registryOf({ status: 'findings', faults: [fault(), fault({ tags: ['1.3'] })] }),
        registryOf({ registry: 'mirror.example.com', status: 'unchecked', why: 'connection refused' }),
      ),
    )
  const overview = () =>
    renderOverview('regguard demo', [
      { title: 'An index', href: 'demo-orphaned.html', report: incident('orphaned-index') },
    ])
  describe.each([
    ['a scan', () => renderHtml(scanned()), 'What breaks when'],
    ['a watch', watched, 'Images are broken'],
    ['the demo', overview, 'What regguard finds'],
  ])('the page of %s', (_, pageOf, heading) => {
    test.each([
      ['light', { colorScheme: 'light' }],
      ['dark', { colorScheme: 'dark' }],
      ['narrow', { viewport: { width: 360, height: 740 } }],
    ] as const)('has no fault that axe knows: %s', async (_look, options) => {
      const one = await openPage(browser, pageOf(), options)
      opened.push(one)
      expect(await one.page.getByRole('heading', { name: heading }).count()).toBe(1)
      expect(await one.page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')).toBe(0)
      await one.page.evaluate("document.querySelectorAll('details').forEach((part) => { part.open = true })")
      expect(await violations(one.page)).toEqual([])
      expectQuiet()
    })
  })

  test('of 2,000 images with 40 causes it shows what counts, and the rest on demand', async () => {
    const report = incident('orphaned-index')
    const [target] = report.targets
    const [cause] = report.causes
    if (!target || !cause) throw new Error('nothing to repeat')
    const targets = Array.from({ length: 2000 }, (_, at) => ({
      ...structuredClone(target),
      ...{
        reference: `registry.example.com/infra/ci:${at}`,
        digest: `sha256:${String(at).padStart(64, '0')}`,
      },
      ...(at % 50 === 0 ? {} : { status: 'pass' as const, faults: [], members: [] }),
    }))
    const causes = Array.from({ length: 40 }, () => structuredClone(cause))
    const page = await open({ ...report, targets, causes })
    const heightOf = () => page.evaluate<number>('document.documentElement.scrollHeight')
    const folded = await heightOf()
    expect(folded).toBeLessThan(20_000)
    const others = page.getByText('1988 other images, 28 not well')
    await others.click()
    expect(await page.getByText('registry.example.com/infra/ci:1999').isVisible()).toBe(true)
    await page.locator('#fold').click()
    expect(await heightOf()).toBeLessThanOrEqual(folded)
    expectQuiet()
  })

  test('a picture that differs is noticed', async () => {
    const page = await browser.newPage()
    const [one, other] = ['egress', 'bridge-churn'].map((name) =>
      readFileSync(new URL(`page-${name}.png`, images)),
    )
    expect(await difference(page, one ?? Buffer.of(), other ?? Buffer.of())).toBeGreaterThan(tolerance)
    await page.close()
  })

  test('checks are filtered by words and group, and parts folded', async () => {
    const page = await open(incident('hairpin'))
    const shown = page.locator('#checks li:visible')
    await page.locator('#search').fill('hairpin-suspected')
    await expect.poll(() => shown.count()).toBe(1)
    await page.locator('#search').fill('')
    await page.locator('#group').selectOption('path')
    await expect.poll(() => page.locator('#checks li:visible:not([data-group="path"])').count()).toBe(0)
    expect(await shown.count()).toBeGreaterThan(5)
    await page.locator('#fold').click()
    expect(await page.locator('details[open]').count()).toBe(0)
    await page.locator('#unfold').click()
    expect(await page.locator('details:not([open])').count()).toBe(0)
    expectQuiet()
  })

  test('the keyboard reaches every part, in the order of the page', async () => {
    const page = await open(incident('hairpin'))
    const reached: string[] = []
    for (let step = 0; step < 30; step += 1) {
      await page.keyboard.press('Tab')
      reached.push(await page.evaluate<string>('document.activeElement.id || document.activeElement.tagName'))
    }
    expect(reached).toEqual(expect.arrayContaining(['search', 'group', 'SUMMARY', 'unfold', 'save']))
    expect(reached.indexOf('search')).toBeLessThan(reached.indexOf('unfold'))
    expectQuiet()
  })

  test('without scripts it can be read and unfolded', async () => {
    const page = await open(incident('orphaned-index'), { javaScriptEnabled: false })
    expect(await page.locator('#search').isVisible()).toBe(false)
    const passed = page.locator('summary', { hasText: 'passed' })
    await passed.click()
    expect(await page.locator('#checks li:visible').count()).toBeGreaterThan(50)
  })

  test('in print everything is unfolded, in dark mode too', async () => {
    const page = await open(incident('bridge-churn'), { colorScheme: 'dark' })
    await page.emulateMedia({ media: 'print' })
    const pdf = await page.pdf({ format: 'A4' })
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-')
    expect((pdf.toString('latin1').match(/\/Type \/Page\b/g) ?? []).length).toBeGreaterThan(4)
    expect(await page.locator('.tools').first().isVisible()).toBe(false)
    expectQuiet()
  })

  test('what it saves is the report', async () => {
    const page = await open(incident('egress'))
    const [download] = await Promise.all([page.waitForEvent('download'), page.locator('#save').click()])
    const saved = readFileSync(await download.path(), 'utf8')
    expect(JSON.parse(saved)).toEqual(JSON.parse(JSON.stringify(incident('egress'))))
    expect(JSON.parse(reportIn(renderHtml(incident('egress'))) ?? '')).toEqual(JSON.parse(saved))
  })

  test('texts that would be scripts, links or elements are texts', async () => {
    const texts = [
      '<script>alert(1)</script>',
      '</script><script>alert(1)</script>',
      '"><img src=https://evil.invalid/x onerror=alert(1)>',
      "' onmouseover='alert(1)",
      '</style><style>*{display:none}</style>',
      'javascript:alert(1)',
      '</title><svg onload=alert(1)>',
      '\u202eesrever\u0000\u001b[31m',
    ]
    const page = await open(poisonedEverywhere(fullReport(), texts), {
      viewport: { width: 360, height: 740 },
    })
    await page.locator('#unfold').click()
    expect(await page.locator('img, iframe, object, script:not([id="report"])').count()).toBe(1)
    expect(await page.locator('a[href^="javascript"]').count()).toBe(0)
    expect(await page.locator('h1').isVisible()).toBe(true)
    expect(await violations(page)).toEqual([])
    expectQuiet()
  })

  /** The rules that a page breaks, with the elements that break them. */
  const violations = async (page: Page): Promise<string[]> => {
    await page.evaluate(axe.source)
    const found = await page.evaluate<{ id: string; nodes: { html: string }[] }[]>(
      'axe.run().then((result) => result.violations)',
    )
    return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`)
  }
})
