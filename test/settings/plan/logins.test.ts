import { describe, expect, test } from 'vitest'
import { registryHost } from '../../../src/settings/plan/logins.ts'
import { loginsAsJson } from '../../../src/settings/plan/logins-text.ts'
import { planOf, planProblems } from '../settings.ts'

const login = { username: 'ci', password: 'hunter2!' }
/** The registries that have a login. */
const registries = (given: Record<string, string>): string[] =>
  planOf({ repo: 'a.b/c', ...given }).logins.map(({ registry }) => registry)

test.each([
  ['registry.example.com', 'registry.example.com'],
  ['https://registry.example.com', 'registry.example.com'],
  ['http://registry.example.com:5000/', 'registry.example.com:5000'],
  ['https://Registry.Example.com/v2/', 'registry.example.com'],
  [' codeberg.org ', 'codeberg.org'],
  ['[::1]:5000', '[::1]:5000'],
  ['docker.io', 'docker.io'],
  ['https://index.docker.io/v1/', 'docker.io'],
  ['index.docker.io', 'docker.io'],
  ['registry-1.docker.io', 'docker.io'],
  ['registry.hub.docker.com', 'docker.io'],
])('the registry %j is the host %s', (written, host) => {
  expect(registryHost(written)).toBe(host)
})

describe('username and password', () => {
  test('are for the registry that is set', () => {
    expect(planOf({ repo: 'a.b/c', registry: 'https://codeberg.org', ...login }).logins).toEqual([
      { registry: 'codeberg.org', ...login, from: 'username and password' },
    ])
  })

  test('are for the only registry of the images if none is set', () => {
    expect(registries({ ...login, tags: '1,2' })).toEqual(['a.b'])
    expect(registries({ ...login, repo: 'team/app' })).toEqual(['docker.io'])
  })

  test('need a registry if the images are on two', () => {
    expect(planProblems({ images: 'a.b/c,d.e/f', ...login })).toEqual([
      {
        setting: 'registry',
        message: expect.stringMatching(/must name the registry.*a\.b, d\.e.*logins/),
        fix: { registry: 'a.b' },
      },
    ])
  })

  test.each([
    [{ username: 'ci' }, 'password', 'username', { secret: 'registry_password' }],
    [{ password: 'hunter2!' }, 'username', 'password', 'ci'],
  ])('need each other: %j', (half, setting, other, fix) => {
    expect(planProblems({ repo: 'a.b/c', ...half })).toEqual([
      {
        setting,
        message: `is missing: ${other} is set, and a login needs both`,
        fix: { [setting]: fix },
      },
    ])
  })

  test('are optional', () => {
    expect(registries({})).toEqual([])
    expect(registries({ registry: 'codeberg.org' })).toEqual([])
  })

  test('keep every character of the password', () => {
    const password = ' pa:ss,"w\\o%0Ard\n '
    expect(planOf({ repo: 'a.b/c', username: 'ci', password }).logins[0]?.password).toBe(password)
  })
})

describe('logins', () => {
  const list = [
    { registry: 'https://index.docker.io/v1/', username: 'hub', password: 'one', email: 'x@y' },
    { registry: 'https://codeberg.org', username: '6543', password: 'two', mirrors: ['z'] },
    { username: 'nowhere', password: 'three' },
  ]

  test('are for their registry, by default Docker Hub', () => {
    expect(planOf({ repo: 'a.b/c', logins: JSON.stringify(list) }).logins).toEqual([
      { registry: 'docker.io', username: 'hub', password: 'one', from: 'logins[0]' },
      { registry: 'codeberg.org', username: '6543', password: 'two', from: 'logins[1]' },
      { registry: 'docker.io', username: 'nowhere', password: 'three', from: 'logins[2]' },
    ])
  })

  test('add to username and password', () => {
    expect(registries({ ...login, logins: JSON.stringify(list.slice(1, 2)) })).toEqual([
      'a.b',
      'codeberg.org',
    ])
  })

  test('an empty list is no login', () => {
    expect(registries({ logins: '[]' })).toEqual([])
  })

  test.each(['[{"registry": "a.b', '[&a {registry: a.b}, *a]', '- a: [', ''])(
    '%j, which is neither JSON nor safe YAML, is left as it is',
    async (text) => {
      expect(await loginsAsJson(text)).toBe(text)
    },
  )

  test('may be YAML, as Actions pass it', async () => {
    const logins = '- registry: a.b\n  username: u\n  password: "p"\n- {username: v, password: q}'
    expect(planOf({ repo: 'a.b/c', logins: await loginsAsJson(logins) }).logins).toMatchObject([
      { registry: 'a.b', username: 'u', password: 'p' },
      { registry: 'docker.io', username: 'v' },
    ])
  })

  test.each([
    ['neither YAML nor JSON', '[{"registry": "a.b', 'this is neither'],
    ['not a list', '{"registry":"a.b","username":"u","password":"p"}', 'must be a YAML or JSON list of'],
    ['a list of strings', '["a.b"]', 'logins[0'],
    ['a password that is a number', '[{"username":"u","password":7}]', 'logins[0].password'],
  ])('%s is a problem', (_what, written, part) => {
    const problems = planProblems({ repo: 'a.b/c', logins: written })
    expect(problems).toEqual([{ setting: 'logins', message: expect.stringContaining(part) }])
    expect(problems[0]?.message).toContain('{registry, username, password}')
  })

  test.each([
    ['without a password', '[{"registry":"a.b","username":"u"}]', 'logins[0].password', /^is missing/],
    [
      'with an empty password',
      '[{"username":"u","password":""}]',
      'logins[0].password',
      /is empty: the secret/,
    ],
    [
      'with an empty user name',
      '[{"username":"","password":"p"}]',
      'logins[0].username',
      /is empty: the secret/,
    ],
    ['with neither, and without mirrors', '[{"registry":"a.b"}]', 'logins[0].username', /^is missing/],
    [
      'with mirrors, and half a login',
      '[{"username":"u","mirrors":["m"]}]',
      'logins[0].password',
      /^is missing/,
    ],
  ])('an entry %s is a problem', (_what, written, setting, message) => {
    expect(planProblems({ repo: 'a.b/c', logins: written })).toEqual([
      { setting, message: expect.stringMatching(message) },
    ])
  })
})
