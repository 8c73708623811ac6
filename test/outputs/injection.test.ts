import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { commandsIn } from '../log/runner-grammar.ts'
import { hostileTexts, poisoned } from './poison.ts'
import { platforms, rendered } from './rendered.ts'

const numRuns = 60
const ours: Record<string, RegExp> = {
  plain: /^(?!)/,
  woodpecker: /^(?!)/,
  forgejo: /^::(group|endgroup)::/,
  gitea: /^::(group|endgroup)::/,
  github: /^::(group|endgroup|error|warning|notice)(?: title=[^:]*)?::/,
}
const controls = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u
const esc = String.fromCharCode(27)
const colours = new RegExp(`${esc}\\[(?:0|1|2|31|32|33|36|1;3[136])m`, 'g')

describe.each(platforms)('on %s, whatever the registry and the pushed image say', (platform) => {
  const own = ours[platform] ?? /^(?!)/

  test('no line is a command but our own folds and annotations', async () => {
    await fc.assert(
      fc.asyncProperty(hostileTexts(), fc.boolean(), async (texts, colour) => {
        const { lines } = await rendered(poisoned(texts), platform, { colour })
        for (const line of lines) {
          const name = own.exec(line)?.[1]
          if (name === undefined) {
            expect(line).not.toMatch(/^\s*(?:::|##\[)/)
            expect([...commandsIn(line), ...commandsIn(line.replaceAll(colours, ''))]).toEqual([])
          } else if (platform === 'github') {
            // GitHub splits at the first `::`; what follows is data to it.
            expect(line).not.toMatch(/##\[|##vso\[/i)
          } else expect(commandsIn(line)).toEqual([name])
        }
      }),
      { numRuns },
    )
  })

  test('every fold that opens is closed before the next', async () => {
    await fc.assert(
      fc.asyncProperty(hostileTexts(), async (texts) => {
        const { lines } = await rendered(poisoned(texts), platform)
        const folds = lines.flatMap((line) => /^::(group|endgroup)::/.exec(line)?.[1] ?? [])
        expect(folds).toEqual(folds.map((_fold, at) => (at % 2 === 0 ? 'group' : 'endgroup')))
        expect(folds.length % 2).toBe(0)
      }),
      { numRuns },
    )
  })

  test('no line carries a control character, nor a colour that is not ours', async () => {
    await fc.assert(
      fc.asyncProperty(hostileTexts(), fc.boolean(), async (texts, colour) => {
        const { lines } = await rendered(poisoned(texts), platform, { colour })
        for (const line of lines) expect(colour ? line.replaceAll(colours, '') : line).not.toMatch(controls)
      }),
      { numRuns },
    )
  })

  test('the step summary holds no tag, no command and no control character from outside', async () => {
    // Texts that are equal may share a row, so that only the kinds of tags can be compared, not how many there are.
    const tags = (text: string): string[] => [...new Set(text.match(/<[^>]*>?/g) ?? [])].toSorted()
    const plain = tags((await rendered(poisoned(['x', 'y']), platform)).summary)
    await fc.assert(
      fc.asyncProperty(hostileTexts(), async (texts) => {
        const { summary } = await rendered(poisoned(texts), platform)
        expect(tags(summary).filter((tag) => tag !== '<br>' && !plain.includes(tag))).toEqual([])
        for (const line of summary.split('\n')) {
          expect(line).not.toMatch(controls)
          expect(line).not.toMatch(/^\s*(?:::|##\[)/)
        }
      }),
      { numRuns },
    )
  })
})

test('a mistake of our own that quotes them is as tame', async () => {
  await fc.assert(
    fc.asyncProperty(hostileTexts(), async (texts) => {
      const report = { ...poisoned(['x']), crashes: texts }
      for (const line of (await rendered(report, 'plain', { colour: true })).lines) {
        expect(commandsIn(line)).toEqual([])
        expect(line.replaceAll(colours, '')).not.toMatch(controls)
      }
    }),
    { numRuns },
  )
})
