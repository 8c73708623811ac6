import { expect, test } from 'vitest'
import { parseEndpoints } from '../../../src/settings/plan/endpoints.ts'
import type { Problem } from '../../../src/settings/problem.ts'
import { readSettings } from '../../../src/settings/read.ts'

const hrefs = (...items: string[]) => parseEndpoints(items, []).map(({ url }) => url.href)

test.each([
  ['https://ghcr.io/v2/', 'https://ghcr.io/v2/'],
  ['http://10.0.0.5:5000/health?full=1', 'http://10.0.0.5:5000/health?full=1'],
  ['ghcr.io', 'https://ghcr.io/v2/'],
  ['registry.example.com:5000', 'https://registry.example.com:5000/v2/'],
  ['registry.example.com/token', 'https://registry.example.com/token'],
  ['[2001:db8::1]:5000', 'https://[2001:db8::1]:5000/v2/'],
])('%s is an endpoint', (text, href) => {
  expect(hrefs(text)).toEqual([href])
})

test.each([
  '',
  'ftp://ghcr.io/',
  'https://user:secret@ghcr.io/',
  'https://',
  'ghcr.io:99999',
  'ghcr.io:0',
  'ghcr..io',
  'gh cr.io',
  'https://[::1/',
])('“%s” is reported with what would be right', (text) => {
  const problems: Problem[] = []
  expect(parseEndpoints([text], problems)).toEqual([])
  expect(problems).toMatchObject([
    {
      setting: 'endpoints',
      value: text,
      message: expect.stringContaining('https://registry.example.com/v2/'),
    },
  ])
})

test('`registries` is a set of public ones, and each endpoint is probed once', () => {
  const found = hrefs('registries', 'ghcr.io', 'https://quay.io/v2/')
  expect(found).toHaveLength(6)
  expect(found).toContain('https://registry-1.docker.io/v2/')
})

test('endpoints without an image check the path only, and require it', () => {
  expect(readSettings({ PLUGIN_ENDPOINTS: 'ghcr.io' }).value).toMatchObject({
    checks: ['path'],
    require: ['path'],
  })
  expect(readSettings({ PLUGIN_ENDPOINTS: 'ghcr.io', PLUGIN_REPO: 'ghcr.io/a/b' }).value.checks).toContain(
    'image',
  )
})

test('a vantage is a short name that can be printed', () => {
  expect(readSettings({ PLUGIN_VANTAGE: 'node 3.example' }).ok).toBe(true)
  // As long as the name of a node of Kubernetes may be.
  expect(readSettings({ PLUGIN_VANTAGE: 'x'.repeat(253) }).ok).toBe(true)
  for (const value of ['\u001b[31mx', 'a\nb', '-x', 'x'.repeat(254)])
    expect(readSettings({ PLUGIN_VANTAGE: value })).toMatchObject({
      ok: false,
      problems: [{ setting: 'vantage' }],
    })
})
