import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { givenSecrets, secretsIn } from '../../src/cli/given-secrets.ts'
import { proxySecrets } from '../../src/cli/proxy-secrets.ts'

const auth = Buffer.from('ann:s3cret:x\0').toString('base64')

describe('the secrets in logins', () => {
  test.each([
    ['a list', '[{"registry":"a.test","username":"ann","password":"s3cret"}]', ['s3cret']],
    ['an entry of base64', `{"auths":{"a.test":{"auth":"${auth}"}}}`, [auth, 's3cret:x']],
    ['an entry of its parts', '{"auths":{"a.test":{"username":"ann","password":"p","email":"a@b"}}}', ['p']],
    ['tokens', '{"auths":{"a.test":{"identitytoken":"id","registrytoken":"reg"}}}', ['id', 'reg']],
    [
      'helpers, which are none',
      '{"credsStore":"pass","credHelpers":{"a.test":"gcr"},"auths":{"a.test":{}}}',
      [],
    ],
    ['a form that nobody knows', '{"auths":["s3cret"],"other":{"deep":[{"x":"y"}]}}', ['s3cret', 'y']],
    ['a path, which is none', '/root/.docker/config.json', []],
    ['a path of the home, which is none', '~/.docker/config.json', []],
  ])('are found in %s', (_, text, secrets) => {
    expect(secretsIn(text)).toEqual(secrets)
  })

  test.each([
    ['JSON that breaks off', '[{"username":"ann","password":"s3\\"cret', 's3"cret'],
    ['JSON with a comma too many', '[{"password":"s3cret",}]', 's3cret'],
    ['YAML', '- registry: a.test\n  password: s3cret\n', 's3cret'],
    ['YAML in quotes', "- {token: 's3cret'}", 's3cret'],
    ['an assignment', 'PASSWORD=s3cret', 's3cret'],
    ['an entry that breaks off', `{"auths":{"a.test":{"auth":"${auth}"`, 's3cret:x'],
  ])('are found in %s, beside the whole', (_, text, secret) => {
    expect(secretsIn(text)).toEqual(expect.arrayContaining([text, secret]))
    expect(secretsIn(text)).not.toContain('ann')
  })

  test('are looked for in any text without an error, and in bounded time', () => {
    const piece = fc.constantFrom(
      'password',
      ':',
      '=',
      '"',
      "'",
      '\\',
      '{',
      ' ',
      '\n',
      'auth',
      'é',
      '\0',
      '[',
      'x'.repeat(80),
    )
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(piece, { maxLength: 60 }).map((all) => all.join('')),
    )
    fc.assert(
      fc.property(text, (one) => Array.isArray(secretsIn(one))),
      { numRuns: 2000 },
    )
    for (const unit of ['password', 'a', '"', 'password:', 'a ', "password='", '\\', 'auth=" '])
      expect(secretsIn(unit.repeat(200_000 / unit.length)).length).toBeGreaterThan(0)
  })
})

test('secrets are found by every name of their settings, and nowhere else', () => {
  const env = {
    PLUGIN_PASSWORD: 'one',
    PLUGIN_TOKEN: 'two',
    INPUT_PASSWORD: 'three',
    'INPUT_DOCKER-CONFIG': '{"auths":{"a.test":{"password":"four"}}}',
    PLUGIN_LOGINS: '[{"password":"five"}]',
    DOCKER_AUTH_CONFIG: '{"auths":{"a.test":{"password":"six"}}}',
    PLUGIN_REPO: 'a.test/app',
    PASSWORD: 'not ours',
    PATH: '/bin',
  }
  expect(givenSecrets(env, new Map([['password', 'seven']]))).toEqual(
    'one two three four five six seven'.split(' '),
  )
})

test('the keys of a bucket are found whole, whatever they look like', () => {
  const env = {
    AWS_ACCESS_KEY_ID: 'public',
    AWS_SECRET_ACCESS_KEY: '/a/secret/like/a/path',
    AWS_SESSION_TOKEN: 'token',
    PLUGIN_S3_SECRET_KEY: '/another/one',
    PLUGIN_S3_ACCESS_KEY: 'a name',
  }
  expect(givenSecrets(env, new Map([['s3_secret_key', '12345678']]))).toEqual([
    '/a/secret/like/a/path',
    'token',
    '/another/one',
    '12345678',
  ])
})

test.each([
  ['http://me:s3cret@proxy:1', ['s3cret', 's3cret']],
  ['http://me:s3%40cret@proxy:1', ['s3%40cret', 's3@cret']],
  ['me:s3cret@proxy:1', ['s3cret', 's3cret']],
  ['http://me:s3/c@r:et@proxy:1', ['s3/c@r:et', 's3/c@r:et']],
  ['socks5h://me:100%@proxy:1', ['100%', '100%']],
  ['http://proxy:3128', []],
  ['http://me@proxy:3128', []],
])('the password in the address of a proxy is found in %s', (value, secrets) => {
  expect(proxySecrets({ HTTPS_PROXY: value, OTHER: 'http://a:b@c' })).toEqual(secrets)
  expect(proxySecrets({ socks_proxy: value })).toEqual(secrets)
})
