import { describe, expect, test } from 'vitest'
import { pageUrl } from '../../src/report/page-url.ts'
import { absent, withBlob } from '../support/facts.ts'
import { reportOf } from './reports.ts'

describe('the address of a page', () => {
  test.each([
    ['https://example.com', 'https://example.com/tag-moved.md'],
    ['https://example.com/', 'https://example.com/tag-moved.md'],
    ['https://example.com/findings', 'https://example.com/findings/tag-moved.md'],
    ['https://example.com/findings///', 'https://example.com/findings/tag-moved.md'],
    ['https://example.com/findings/?ref=main', 'https://example.com/findings/tag-moved.md?ref=main'],
    ['https://example.com/{id}.html', 'https://example.com/tag-moved.html'],
    ['https://example.com/{id}/', 'https://example.com/tag-moved/'],
    ['https://example.com/?page={id}#{id}', 'https://example.com/?page=tag-moved#tag-moved'],
    [' https://example.com/{id} ', 'https://example.com/tag-moved'],
  ])('below %s', (docsUrl, url) => {
    expect(pageUrl(docsUrl, 'tag-moved')).toBe(url)
  })
})

describe('the causes of a report', () => {
  const broken = withBlob('amd64 layer', absent())

  test('link to their pages where docs_url names a place for them', () => {
    const { causes } = reportOf(broken, { docsUrl: 'https://example.com/findings/' })
    expect(causes.length).toBeGreaterThan(0)
    for (const { id, url, page } of causes) {
      expect(url).toBe(`https://example.com/findings/${id}.md`)
      expect(page).toBe(`docs/findings/${id}.md`)
    }
  })

  test('link nowhere without one', () => {
    for (const cause of reportOf(broken).causes) expect(cause).not.toHaveProperty('url')
  })
})
