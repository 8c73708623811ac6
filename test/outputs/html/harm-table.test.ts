import { describe, expect, test } from 'vitest'
import { harmTable } from '../../../src/outputs/html/harm-table.ts'
import { renderHtml } from '../../../src/outputs/html/page.ts'
import type { Report } from '../../../src/report/schema.ts'
import { digestOf } from '../../support/facts.ts'
import { fullReport } from '../full-report.ts'

type Run = NonNullable<NonNullable<Report['storage']>['forecast']>[number]
type Harmed = NonNullable<Run['images']>[number]

const runOf = (deleteUntagged: boolean, images: Harmed[], change: Partial<Run> = {}): Run => ({
  ...{ version: '2.8', deleteUntagged, likelihood: 'possible', aborts: 0, emptied: 0, referrers: 0 },
  ...{ revisions: 0, layerLinks: 0, blobs: 0, bytes: 0, byRepository: [] },
  breaks: images.filter(({ harm }) => harm === 'breaks').length,
  losesRepair: images.filter(({ harm }) => harm === 'loses-repair').length,
  images,
  ...change,
})
const harmed = (tag: string, harm: Harmed['harm'] = 'breaks', change: Partial<Harmed> = {}): Harmed => ({
  ...{ repository: 'infra/ci', digest: digestOf(tag), tags: [tag], harm, platforms: 1, of: 2 },
  ...change,
})

/** The cells of each row. */
function rowsOf(runs: Run[]): string[][] {
  const content = harmTable(runs)
  const page = content !== undefined && typeof content === 'object' && 'html' in content ? content.html : ''
  const text = (cell: string) => cell.replaceAll(/<[^>]+>/g, '').trim()
  return [...page.matchAll(/<tr>(.*?)<\/tr>/gs)].map(([, row = '']) =>
    [...row.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/gs)].map(([, cell = '']) => text(cell)),
  )
}
const textOf = (runs: Run[]) => JSON.stringify(harmTable(runs))

test('each image has a row, and each collection a column', () => {
  const [head, ...rows] = rowsOf([
    runOf(false, [harmed('1.2', 'loses-repair', { of: 1 })]),
    runOf(true, [harmed('latest'), harmed('1.2')]),
  ])
  expect(head).toEqual(['Image', 'registry 2.8', 'registry 2.8--delete-untagged'])
  expect(rows.map(([name, ...cells]) => [name, ...cells.map((cell) => cell.replace(/^\S+ /, ''))])).toEqual([
    [
      'infra/ci:1.2',
      expect.stringContaining('loses what is left'),
      expect.stringContaining('breaks 1 of 2 platforms'),
    ],
    ['infra/ci:latest', expect.stringContaining('stays'), expect.stringContaining('breaks 1 of 2 platforms')],
  ])
})

describe('an image', () => {
  test('with several tags is named by the first', () => {
    const [, [name] = []] = rowsOf([runOf(true, [harmed('a', 'breaks', { tags: ['a', 'b', 'c'] })])])
    expect(name).toBe('infra/ci:a (and 2 more)')
  })
  test('without a tag is named by its digest', () => {
    const [, [name] = []] = rowsOf([runOf(true, [harmed('a', 'breaks', { tags: [] })])])
    expect(name).toMatch(/^infra\/ci@sha256:[0-9a-f]{8}…$/)
  })
})

test('of many images the first rows stand open, and what is not listed is counted', () => {
  const images = Array.from({ length: 100 }, (_, n) => harmed(`t${n}`))
  const text = textOf([runOf(true, images, { breaks: 250 })])
  expect(text).toContain('80 more images')
  expect(text).toContain('and at least 150 more images')
})

test('nothing is said where no collection harms an image, and of a report without the list', () => {
  expect(harmTable([runOf(false, []), runOf(true, [])])).toBeUndefined()
  const { images: _images, ...older } = runOf(true, [], { breaks: 3 })
  expect(harmTable([older])).toBeUndefined()
  expect(renderHtml(fullReport())).toContain('The next garbage collection')
})
