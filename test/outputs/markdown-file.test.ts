import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { renderMarkdown } from '../../src/outputs/markdown-file.ts'
import { hostileText } from '../log/hostile.ts'
import { reportOf } from '../report/reports.ts'
import { fullReport } from './full-report.ts'
import { markupIn } from './html/markup-in.ts'
import { poisonedEverywhere } from './poison-all.ts'

const texts = () =>
  fc.array(
    fc
      .tuple(
        fc.constantFrom(
          '',
          '<b>',
          '@team',
          '\n\n# heading',
          '\n\n- [x](javascript:alert(1))',
          '```',
          '</details>',
          '|',
          '![',
        ),
        hostileText(),
      )
      .map((parts) => parts.join('')),
    { minLength: 1, maxLength: 9 },
  )

describe('whatever the registry and the image say', () => {
  test('every line is in a block of our own, so that nothing of it is read as Markdown', () => {
    const plain = markupIn(renderMarkdown(poisonedEverywhere(fullReport(), ['x', 'y'])))
    fc.assert(
      fc.property(texts(), (poison) => {
        const page = renderMarkdown(poisonedEverywhere(fullReport(), poison))
        // A blank line ends a block.
        for (const block of page.split(/\n{2,}/)) expect(block).toMatch(/^<(?:h3|p|table)>/)
        const { kinds, rest } = markupIn(page.replaceAll('<!-- -->', ''))
        expect(rest).not.toMatch(/[<>]/)
        expect([...kinds].filter((kind) => !plain.kinds.has(kind))).toEqual([])
        expect(rest.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
      }),
      { numRuns: 40 },
    )
  })

  test('nobody is notified', () => {
    const page = renderMarkdown(poisonedEverywhere(fullReport(), ['@team and user@example.com']))
    expect(page.replaceAll(/<[^>]*>/g, '\u0000')).not.toMatch(/@\w/)
  })
})

test('it is short, however much was found', () => {
  const report = fullReport()
  const [cause] = report.causes
  if (!cause) throw new Error('no cause')
  const findings = Array.from({ length: 300 }, () => cause.findings).flat()
  const causes = Array.from({ length: 40 }, () => ({ ...cause, findings }))
  const page = renderMarkdown({ ...report, causes })
  expect(page.length).toBeLessThan(20_000)
  expect(page).toContain('and 35 more, in the log and in the other reports')
})

test('a pass is three lines', () => {
  expect(renderMarkdown(reportOf()).split(/\n{2,}/)).toHaveLength(3)
})
