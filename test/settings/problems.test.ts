import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { planTargets } from '../../src/settings/plan/plan.ts'
import { problemText } from '../../src/settings/problem.ts'
import { readSettings } from '../../src/settings/read.ts'
import { plugin, problemsIn } from './settings.ts'

test('everything that is wrong is told at once, each by the name it was given', () => {
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
    { setting: 'tag', message: expect.stringContaining('is set, but empty'), fix: { tag: ['latest'] } },
    { setting: 'depth', value: 'deep', message: expect.any(String) },
    { setting: 'probe_budget', value: 'much', message: expect.any(String) },
    { setting: 'checks', value: 'image,net', message: expect.any(String) },
    { setting: 'timeout', value: 'soon', message: expect.any(String) },
    { setting: 'concurrency', value: '1000', message: expect.any(String) },
    { setting: 'skip_verify', value: 'perhaps', message: expect.any(String) },
  ])
})

test('a problem is told with the key, the value and what would be right', () => {
  expect(problemText({ setting: 'depth', value: 'prob', message: 'must be one of head, probe, full' })).toBe(
    'settings.depth: “prob” must be one of head, probe, full',
  )
  expect(problemText({ setting: 'tgas', message: 'there is no such setting' })).toBe(
    'settings.tgas: there is no such setting',
  )
  expect(problemText({ setting: 'tags', value: 'x'.repeat(500), message: 'is no tag' })).toBe(
    `settings.tags: “${'x'.repeat(120)}…” is no tag`,
  )
})

/** All that is said of an environment, before and after the targets are planned. */
function everythingSaid(env: Record<string, string>): string {
  const read = readSettings(env)
  if (!read.ok)
    return JSON.stringify(read.problems) + read.problems.map((problem) => problemText(problem)).join('\n')
  const plan = planTargets(read.value, { images: [] })
  const problems = plan.ok ? [] : plan.problems
  return JSON.stringify(problems) + problems.map((problem) => problemText(problem)).join('\n')
}

describe('a secret is never part of a problem', () => {
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
  const wrong = fc.constantFrom<Record<string, string>>(
    {},
    { depth: 'deep' },
    { images: 'a.b/c:1,d.e/f:1' },
    { repo: 'a.b/C', tags: '-' },
    { insecure: 'perhaps' },
  )

  test.each(['password', 'token', 'pasword', 'tokne'])('whatever stands in `%s`', (name) => {
    fc.assert(
      fc.property(secret, wrong, ({ core, whole }, rest) => {
        expect(everythingSaid(plugin({ ...rest, [name]: whole }))).not.toContain(core)
      }),
      { numRuns: 500 },
    )
  })

  test('whatever stands in `logins`, however broken', () => {
    fc.assert(
      fc.property(secret, login, wrong, ({ core, whole }, form, rest) => {
        const said = everythingSaid(plugin({ ...rest, logins: form(whole) }))
        expect(said).not.toContain(core)
        expect(said).not.toContain(Buffer.from(core).toString('base64').slice(0, -3))
      }),
      { numRuns: 1000 },
    )
  })

  test('when it was given twice, with different values', () => {
    fc.assert(
      fc.property(secret, secret, (one, other) => {
        const said = everythingSaid(plugin({ password: one.whole, token: other.whole }))
        expect(said).not.toContain(one.core)
        expect(said).not.toContain(other.core)
      }),
    )
  })
})
