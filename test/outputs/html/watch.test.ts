import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { renderWatch } from '../../../src/outputs/html/watch.ts'
import { markupIn } from './markup-in.ts'
import { fault, registryOf, reportOf } from './watch-reports.ts'

const textOf = (page: string) =>
  page
    .replaceAll(/<style>.*?<\/style>/gs, '')
    .replaceAll(/<[^>]+>/g, '')
    .replaceAll(/\s+/g, ' ')

test('a healthy registry says so, how far it is proven, and how old the claim is', () => {
  const text = textOf(renderWatch(reportOf(registryOf())))
  expect(text).toContain('All images can be pulled')
  expect(text).toContain('last run 2026-03-01 12:00:00 UTC in 1.5 s · 3 repositories, 7 tags')
  expect(text).toContain('runs so far: 5 ok, 1 findings')
  expect(text).toContain('20 proven, the oldest proof of 2026-03-01 09:00:00 UTC')
  expect(text).not.toContain('Broken')
})

test('each fault says what is broken, since when, and what to do', () => {
  const page = renderWatch(reportOf(registryOf({ status: 'findings', faults: [fault({ new: true })] })))
  const text = textOf(page)
  expect(page).toContain('<title>Images are broken · regguard watch</title>')
  expect(text).toContain('Missing layers (new): Gone.')
  expect(text).toContain('Broken since 2026-03-01 10:00:00 UTC. Push again.')
  expect(page).toContain('Since when 1 fault last, from 2026-03-01T10:00:00.000Z')
})

test('faults are drawn oldest first, and end where they were last seen', () => {
  const faults = [fault({ tags: ['new'], brokenSince: '2026-03-01T11:00:00.000Z' }), fault({ tags: ['old'] })]
  const page = renderWatch(reportOf(registryOf({ status: 'findings', faults })))
  const [wide = ''] = page.split('class="narrow"')
  const bars = [...wide.matchAll(/<rect class="dead" x="([\d.]+)"[^>]* width="([\d.]+)"/g)].map(
    ([, x, width]) => [Number(x), Number(x) + Number(width)],
  )
  expect(bars).toEqual([
    [330, 832],
    [581, 832],
  ])
})

test('an accepted fault has its reason and its end', () => {
  const accepted = { reason: 'rebuilt on Monday', expires: '2026-03-05T00:00:00.000Z' }
  const text = textOf(
    renderWatch(reportOf(registryOf({ status: 'accepted', faults: [fault({ accepted })] }))),
  )
  expect(text).toContain('Accepted until 2026-03-05 00:00:00 UTC: rebuilt on Monday')
})

test('what was not inspected is named, and a registry that could not be says when it last was', () => {
  const registry = registryOf({
    ...{
      status: 'unchecked',
      lastSuccess: '2026-02-28T12:00:00.000Z',
      why: 'r.example.com: refused',
      unseenMore: 3,
    },
    unseen: [
      { repository: '', reason: 'connection-refused', count: 1, objects: ['catalog'], detail: 'refused' },
    ],
  })
  const text = textOf(renderWatch(reportOf(registry)))
  expect(text).toContain('The registry could not be inspected')
  expect(text).toContain('last inspected 2026-02-28 12:00:00 UTC')
  expect(text).toContain('the catalog: 1 object, connection-refused: refused')
  expect(text).toContain('and 3 more repositories')
})

test('of very many faults the first stand open, and the others are counted', () => {
  const faults = Array.from({ length: 500 }, (_, n) => fault({ tags: [`t${n}`] }))
  const page = renderWatch(reportOf(registryOf({ status: 'findings', faults })))
  expect(textOf(page)).toContain('490 more faults')
  expect(textOf(page)).toContain('and 300 more, in findings')
  expect(page.length).toBeLessThan(300_000)
})

describe('whatever a registry says', () => {
  test('no element, attribute or link is added by it', () => {
    const render = (text: string) => {
      const poisoned = fault({
        ...{ repository: text, tags: [text], subject: text, message: text, title: text, advice: text },
        ...{ platforms: [text], url: text, accepted: undefined as never },
      })
      return markupIn(
        renderWatch(
          reportOf(registryOf({ registry: text, why: text, status: 'findings', faults: [poisoned] })),
        ),
      )
    }
    const plain = render('x')
    fc.assert(
      fc.property(
        fc.constantFrom(
          '<script>alert(1)</script>',
          '"><img src=x>',
          'javascript:alert(1)',
          "' onload='x",
          '</title>\u202e',
        ),
        (text) => {
          const found = render(text)
          expect(found.rest).not.toMatch(/[<>]/)
          expect([...found.kinds].filter((kind) => !plain.kinds.has(kind))).toEqual([])
          expect(found.links).toEqual(plain.links)
        },
      ),
    )
  })
})
