import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createMask } from '../../src/log/mask.ts'
import { createSummary, type Summary } from '../../src/log/summary.ts'
import { escapeHtml } from '../../src/log/summary-escape.ts'
import { hostileText } from './hostile.ts'
import { testLogger } from './logger.ts'

const emptySummary = (...secrets: string[]): Summary => {
  const mask = createMask()
  for (const secret of secrets) mask.add(secret)
  return createSummary({ mask, save() {} })
}

describe('the summary', () => {
  test("has @actions/core's markup", () => {
    const summary = emptySummary()
      .addHeading('Images', 2)
      .addTable([
        [
          { data: 'tag', header: true },
          { data: 'size', header: true, colspan: '2' },
        ],
        ['v1', '3 MB'],
      ])
      .addList(['a', 'b'])
      .addList(['c'], true)
      .addCodeBlock('docker pull x\n\ny', 'sh')
      .addDetails('more', 'text')
      .addSeparator()
      .addLink('docs', 'https://example.org/a?b=1&c=2')
      .addRaw('end')
      .addEOL()
    expect(summary.stringify()).toBe(
      [
        '<h2>Images</h2>',
        '<table><tr><th>tag</th><th colspan="2">size</th></tr><tr><td>v1</td><td>3 MB</td></tr></table>',
        '<ul><li>a</li><li>b</li></ul>',
        '<ol><li>c</li></ol>',
        '<pre lang="sh"><code>docker pull x\n\ny</code></pre>',
        '<details><summary>more</summary>text</details>',
        '<hr>',
        '<a href="https://example.org/a?b=1&amp;c=2">docs</a>',
        'end',
        '',
      ].join('\n'),
    )
  })

  test('escapes remote text', () => {
    expect(emptySummary().addHeading('<img src=x onerror=1>\n\n# x', 9).stringify()).toBe(
      '<h1>&lt;img src=x onerror=1&gt;<br><br># x</h1>\n',
    )
    expect(emptySummary().addLink('[a](b) *c*', 'javascript:alert(1)').stringify()).toBe(
      '&#91;a&#93;(b) &#42;c&#42;\n',
    )
    expect(
      emptySummary()
        .addTable([[{ data: 'a', colspan: '"><b>' }]])
        .stringify(),
    ).toContain('colspan="&quot;&gt;&lt;b&gt;"')
    expect(escapeHtml('"\'&\u202e\u001b[31m<\u0000')).toBe('&quot;&#39;&amp;\ufffd&lt;\ufffd')
  })

  test('starts a block on a new line', () => {
    expect(emptySummary().addRaw('text').addHeading('x').stringify()).toBe('text\n<h1>x</h1>\n')
  })

  test('masks secrets, also those that HTML escapes', () => {
    const text = emptySummary('s<cret&1').addHeading('s<cret&1').addRaw('s<cret&1').stringify()
    expect(text).toBe('<h1>********</h1>\n********')
  })

  test('has no tags from any text', () => {
    fc.assert(
      fc.property(hostileText(), (text) => {
        const html = emptySummary()
          .addHeading(`<b>${text}`)
          .addList([text])
          .addDetails(text, text)
          .stringify()
        const tags = html.match(/<[^>]*>/g) ?? []
        expect(new Set(tags.map((tag) => tag.replace(/[</>]/g, '')))).toEqual(
          new Set(['h1', 'ul', 'li', 'details', 'summary', ...(html.includes('<br>') ? ['br'] : [])]),
        )
        expect(html.trimEnd().split('\n')).toHaveLength(3)
      }),
    )
  })
})

describe("the summary's file", () => {
  test.each(['GITHUB_STEP_SUMMARY', 'FORGEJO_STEP_SUMMARY'])('is %s, and is appended to', async (name) => {
    const { core, files } = testLogger('github', { env: { [name]: '/summary' } })
    await core.summary.addRaw('a', true).write()
    expect(core.summary.isEmptyBuffer()).toBe(true)
    await core.summary.addRaw('b', true).write()
    expect(files.get('/summary')).toBe('a\nb\n')
  })

  test('is overwritten on request, if writeFile is given', async () => {
    const replaced: string[][] = []
    const env = { GITHUB_STEP_SUMMARY: '/summary' }
    const writeFile = (path: string, text: string): void => void replaced.push([path, text])
    await testLogger('github', { env, writeFile }).core.summary.addRaw('a').write({ overwrite: true })
    expect(replaced).toEqual([['/summary', 'a']])
    const without = testLogger('github', { env }).core.summary.addRaw('a')
    await expect(without.write({ overwrite: true })).rejects.toThrow('needs writeFile')
  })

  test('is optional', async () => {
    const { core, text, files } = testLogger('woodpecker')
    await core.summary.addRaw('a').write()
    expect(core.summary.isEmptyBuffer()).toBe(true)
    expect(text()).toBe('')
    expect(files.size).toBe(0)
  })
})
