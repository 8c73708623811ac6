import { describe, expect, test } from 'vitest'
import { parseAccepted } from '../../../src/settings/plan/accepted.ts'

test('a list with reasons and ends', () => {
  const text = `
- repository: legacy/*
  id: unsupported-schema1
  reason: is replaced in spring
  expires: 2027-03-31
- repository: team/app
  digest: sha256:abc
  registry: registry.example.com
  tag: "1.0"
  reason: nobody pulls it
  expires: 2027-01-01T12:00:00Z
`
  expect(parseAccepted(text)).toEqual({
    ok: true,
    value: [
      {
        ...{ repository: 'legacy/*', id: 'unsupported-schema1', reason: 'is replaced in spring' },
        expires: Date.UTC(2027, 2, 31),
      },
      {
        ...{ repository: 'team/app', digest: 'sha256:abc', registry: 'registry.example.com', tag: '1.0' },
        ...{ reason: 'nobody pulls it', expires: Date.UTC(2027, 0, 1, 12) },
      },
    ],
  })
})

test('an empty file accepts nothing', () => {
  expect(parseAccepted('')).toEqual({ ok: true, value: [] })
  expect(parseAccepted('# none\n')).toEqual({ ok: true, value: [] })
})

describe('mistakes', () => {
  test.each([
    ['{', 'is not valid YAML'],
    ['repository: a', 'must be a list'],
    ['- team/app', 'entry 1'],
    ['- {repository: a, expires: 2027-01-01}', 'entry 1, reason'],
    ['- {repository: a, reason: "", expires: 2027-01-01}', 'entry 1, reason'],
    ['- {repository: a, reason: x}', 'entry 1, expires'],
    ['- {repository: a, reason: x, expires: soon}', 'must be a date like 2027-01-31'],
    ['- {repository: a, reason: x, expires: 2027-01-01}\n- {repo: a}', 'entry 2'],
  ])('%s', (text, expected) => {
    const parsed = parseAccepted(text)
    expect(parsed.ok ? '' : parsed.why).toContain(expected)
  })
})
