import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createMask } from '../../src/log/mask.ts'
import { renderHtml } from '../../src/outputs/html/page.ts'
import { renderJson } from '../../src/outputs/json.ts'
import { renderMarkdown } from '../../src/outputs/markdown-file.ts'
import { hideIn } from '../../src/report/hide.ts'
import { fullReport } from './full-report.ts'
import { poisoned } from './poison.ts'
import { poisonedEverywhere } from './poison-all.ts'
import { platforms, rendered } from './rendered.ts'

const base64 = (text: string): string => Buffer.from(text).toString('base64')

/** The forms in which a secret may come back from a registry, a proxy or a runtime. */
const formsOf = (secret: string): string[] => [
  secret,
  base64(secret),
  base64(`ci:${secret}`),
  Buffer.from(secret).toString('base64url'),
  encodeURIComponent(secret),
  new URLSearchParams({ p: secret }).toString().slice(2),
  JSON.stringify(secret).slice(1, -1),
]

const secret = fc
  .tuple(fc.stringMatching(/^[A-Za-z0-9]{6,10}$/), fc.string({ maxLength: 12 }))
  .map(([core, rest]) => `${core}${rest}${core}`)

describe.each(platforms)('on %s', (platform) => {
  test('a secret is hidden in whatever field and form it comes back', async () => {
    await fc.assert(
      fc.asyncProperty(secret, fc.boolean(), async (hidden, colour) => {
        const forms = formsOf(hidden)
        const texts = forms.flatMap((form) => [form, `before ${form} after`, `Basic ${form}`])
        const { log, summary } = await rendered(poisoned(texts), platform, { secrets: [hidden], colour })
        for (const form of forms) {
          expect(log).not.toContain(form)
          expect(summary).not.toContain(form)
        }
        expect(log).toContain('********')
      }),
      { numRuns: 20 },
    )
  })
})

test('a secret that a line has no room for is not shown in part', async () => {
  const hidden = 'Zq7-wondrous-long-access-token-of-a-registry-9xK'
  const texts = [360, 370, 380, 390].map((length) => `${'. '.repeat(length / 2)}${hidden}`)
  const { log, summary } = await rendered(poisoned(texts), 'plain', { secrets: [hidden] })
  expect((log + summary).includes(hidden.slice(0, 8))).toBe(false)
})

test('a secret is hidden in the JSON report, and the report stays JSON', () => {
  fc.assert(
    fc.property(secret, (hidden) => {
      const mask = createMask()
      mask.add(hidden)
      const text = mask.apply(renderJson(poisoned(formsOf(hidden))))
      const values: unknown[] = []
      JSON.parse(text, (_key, value) => values.push(value) && value)
      const strings = values.filter((value) => typeof value === 'string')
      for (const form of formsOf(hidden)) expect(strings.filter((one) => one.includes(form))).toEqual([])
    }),
    { numRuns: 40 },
  )
})

test.each([
  ['the page', renderHtml],
  ['the Markdown report', renderMarkdown],
])('a secret is hidden in %s, also where its characters would be escaped', (_, render) => {
  fc.assert(
    fc.property(secret, (hidden) => {
      const mask = createMask()
      mask.add(hidden)
      const page = render(hideIn(poisonedEverywhere(fullReport(), formsOf(hidden)), mask.apply))
      const escaped = [
        hidden,
        hidden.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll("'", '&#39;'),
      ]
      for (const form of [...formsOf(hidden), ...escaped]) expect(page).not.toContain(form)
    }),
    { numRuns: 20 },
  )
})
