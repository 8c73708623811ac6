import { describe, expect, test } from 'vitest'
import { readSettings } from '../../src/settings/read.ts'

const read = (docsUrl: string) => readSettings({ PLUGIN_DOCS_URL: docsUrl })

describe('docs_url', () => {
  test.each([
    'https://example.com',
    'http://docs.internal:8080/regguard/',
    'https://git.example.com/infra/regguard/src/branch/main/docs/findings',
    'https://example.com/{id}.html',
    'https://example.com/?page={id}#top',
  ])('takes %s', (url) => {
    expect(read(url)).toMatchObject({ ok: true, value: { docs_url: url } })
  })

  test.each([
    'example.com/findings',
    'ftp://example.com',
    'javascript:alert(1)',
    '/docs/findings',
    'https://',
  ])('refuses %s, with one error', (url) => {
    expect(read(url)).toMatchObject({
      ok: false,
      problems: [
        {
          setting: 'docs_url',
          value: url,
          message: 'must be an http or https URL without a login, like https://example.com/findings',
        },
      ],
    })
  })

  test('refuses a login, which every report would show', () => {
    for (const login of ['ann@', 'ann:s3cret@', ':s3cret@'])
      expect(read(`https://${login}example.com`)).toMatchObject({ ok: false, problems: [{}] })
  })

  test('is not set by default', () => {
    expect(readSettings({}).value.docs_url).toBeUndefined()
  })
})
