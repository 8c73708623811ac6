import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { planTargets } from '../../src/settings/plan/plan.ts'
import { problemText } from '../../src/settings/problem.ts'
import { readSettings } from '../../src/settings/read.ts'
import { plugin, problemsIn } from './settings.ts'

test('all problems are reported at once, each under the name that was given', () => {
  const env = plugin({
    tgas: '1',
    tag: '',
    depth: 'deep',
    'skip-verify': 'perhaps',
    timeout: 'soon',
    checks: 'image,net',
    concurrency: '1000',
    probe_budget: 'much',
  })
  expect(problemsIn(env)).toEqual([
    { setting: 'tgas', message: expect.stringContaining('did you mean tags?') },
    {
      setting: 'tag',
      message: expect.stringContaining('is empty; list at least one item'),
      fix: { tag: ['latest'] },
    },
    { setting: 'depth', value: 'deep', message: expect.any(String) },
    { setting: 'probe_budget', value: 'much', message: expect.any(String) },
    { setting: 'checks', value: 'image,net', message: expect.any(String) },
    { setting: 'timeout', value: 'soon', message: expect.any(String) },
    { setting: 'concurrency', value: '1000', message: expect.any(String) },
    { setting: 'skip_verify', value: 'perhaps', message: expect.any(String) },
  ])
})

test('the text of a problem has the key, the value and the message', () => {
  expect(problemText({ setting: 'depth', value: 'prob', message: 'must be one of head, probe, full' })).toBe(
    'settings.depth: “prob” must be one of head, probe, full',
  )
  expect(problemText({ setting: 'tgas', message: 'unknown setting' })).toBe('settings.tgas: unknown setting')
  expect(problemText({ setting: 'tags', value: 'x'.repeat(500), message: 'is not a valid tag' })).toBe(
    `settings.tags: “${'x'.repeat(120)}…” is not a valid tag`,
  )
})

/** All problem texts for an environment, from reading the settings and from planning the targets. */
function allProblemTexts(env: Record<string, string>): string {
  const read = readSettings(env)
  if (!read.ok)
    return JSON.stringify(read.problems) + read.problems.map((problem) => problemText(problem)).join('\n')
  const plan = planTargets(read.value, { images: [] })
  const problems = plan.ok ? [] : plan.problems
  return JSON.stringify(problems) + problems.map((problem) => problemText(problem)).join('\n')
}

describe('a problem never contains a secret', () => {
  const secret = fc
    .tuple(fc.stringMatching(/^[A-Za-z0-9]{8,12}$/), fc.string({ maxLength: 8 }))
    .map(([core, rest]) => ({ core: `q${core}Z`, whole: `q${core}Z${rest}` }))
  const login = fc.constantFrom<(password: string) => string>(
    (password) => password,
    (password) => `{"registry":"a.b","password":"${password}`,
    (password) => JSON.stringify({ registry: 'a.b', username: 'u', password }),
    (password) => JSON.stringify([{ registry: 7, username: 'u', password }]),
    (password) => JSON.stringify([{ registry: 'a.b', username: '', password }]),
    (password) => JSON.stringify([{ registry: 'a.b', username: { password } }]),
    (password) => JSON.stringify([password]),
    (password) => JSON.stringify({ [password]: password }),
  )
  const otherMistakes = fc.constantFrom<Record<string, string>>(
    {},
    { depth: 'deep' },
    { images: 'a.b/c:1,d.e/f:1' },
    { repo: 'a.b/C', tags: '-' },
    { insecure: 'perhaps' },
  )

  test.each(['password', 'token', 'pasword', 'tokne'])('from `%s`', (name) => {
    fc.assert(
      fc.property(secret, otherMistakes, ({ core, whole }, rest) => {
        expect(allProblemTexts(plugin({ ...rest, [name]: whole }))).not.toContain(core)
      }),
      { numRuns: 500 },
    )
  })

  test('from `logins`, even if its JSON is broken', () => {
    fc.assert(
      fc.property(secret, login, otherMistakes, ({ core, whole }, form, rest) => {
        const texts = allProblemTexts(plugin({ ...rest, logins: form(whole) }))
        expect(texts).not.toContain(core)
        expect(texts).not.toContain(Buffer.from(core).toString('base64').slice(0, -3))
      }),
      { numRuns: 1000 },
    )
  })

  test('if it was given twice with different values', () => {
    fc.assert(
      fc.property(secret, secret, (one, other) => {
        const texts = allProblemTexts(plugin({ password: one.whole, token: other.whole }))
        expect(texts).not.toContain(one.core)
        expect(texts).not.toContain(other.core)
      }),
    )
  })
})
