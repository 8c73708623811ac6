import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type AuthFile, lookUp, parseAuthFile } from '../../../src/observe/credentials/auth-file.ts'
import { describeCredential, secretOf } from '../../../src/observe/credentials/credential.ts'
import { sure } from '../kit.ts'

const base64 = (text: string): string => Buffer.from(text).toString('base64')
const read = (value: unknown): AuthFile => sure(parseAuthFile(JSON.stringify(value)))
const entry = (user: string, password = 'pw') => ({ auth: base64(`${user}:${password}`) })

/** The user, the kind of token or the helper that a file has for a repository; '' for nothing. */
function found(file: unknown, registry: string, repository = 'team/app'): string {
  const answer = lookUp(read(file), registry, repository, 'test')
  if (!answer) return ''
  if ('helper' in answer) return `${answer.helper} for ${answer.server}`
  return answer.credential.kind === 'password' ? answer.credential.username : answer.credential.kind
}

describe('the entry for a registry', () => {
  const host = 'registry.example.com'
  test.each([
    ['its host', host],
    ['its host with https', `https://${host}`],
    ['its host with http', `http://${host}`],
    ['its host and a slash', `https://${host}/`],
    ['a URL that ends in /v1/', `https://${host}/v1/`],
    ['a URL that ends in /v2/', `https://${host}/v2/`],
    ['a URL that ends in /v2', `https://${host}/v2`],
  ])('may be written as %s', (_, key) => {
    expect(found({ auths: { [key]: entry('ann') } }, host)).toBe('ann')
  })

  test.each([
    ['another host', 'other.example.com'],
    ['a host below it', `eu.${host}`],
    ['a host above it', 'example.com'],
    ['another port', `${host}:5000`],
    ['a host that begins like it', `${host}.evil.test`],
    ['another repository of it', `${host}/team/other`],
    ['a repository that begins like this one', `${host}/team/ap`],
    ['a repository below this one', `${host}/team/app/sub`],
  ])('is not that of %s', (_, key) => {
    expect(found({ auths: { [key]: entry('ann') } }, host)).toBe('')
  })

  test('is distinguished by port', () => {
    const auths = { [`${host}:5000`]: entry('five'), [host]: entry('none') }
    expect(found({ auths }, `${host}:5000`)).toBe('five')
    expect(found({ auths }, host)).toBe('none')
  })

  test.each([
    ['the old URL', 'https://index.docker.io/v1/'],
    ['the old URL without its path', 'https://index.docker.io'],
    ['the old host', 'index.docker.io'],
    ['the short name', 'docker.io'],
    ['the host of the API', 'registry-1.docker.io'],
  ])('of Docker Hub may be written as %s', (_, key) => {
    expect(found({ auths: { [key]: entry('ann') } }, 'docker.io', 'library/alpine')).toBe('ann')
  })

  test('of Docker Hub is requested from a helper by the old URL, as Docker does', () => {
    expect(found({ credsStore: 'pass' }, 'docker.io')).toBe('pass for https://index.docker.io/v1/')
  })
})

describe('the most specific path', () => {
  const auths = {
    'registry.test': entry('host'),
    'registry.test/team': entry('team'),
    'registry.test/team/app': entry('app'),
  }
  test.each([
    ['team/app', 'app'],
    ['team/app/sub', 'app'],
    ['team/other', 'team'],
    ['teams/app', 'host'],
    ['other', 'host'],
  ])('of %s is used, whatever the order of entries', (repository, user) => {
    expect(found({ auths }, 'registry.test', repository)).toBe(user)
    const reversed = Object.fromEntries(Object.entries(auths).reverse())
    expect(found({ auths: reversed }, 'registry.test', repository)).toBe(user)
  })

  test('is skipped if its entry is empty', () => {
    expect(found({ auths: { ...auths, 'registry.test/team/app': {} } }, 'registry.test')).toBe('team')
  })
})

describe('the login in an entry', () => {
  const credential = (value: object) => {
    const answer = lookUp(read({ auths: { 'registry.test': value } }), 'registry.test', 'app', 'the file')
    return answer && 'credential' in answer ? answer.credential : undefined
  }

  test.each([
    ['a colon in the password', 'ann:a:b:c', 'a:b:c'],
    ['a colon at the start of the password', 'ann::x', ':x'],
    ['NUL bytes after the password', 'ann:secret\0\0\0', 'secret'],
    ['non-ASCII letters', 'ann:pässwörd', 'pässwörd'],
    ['blanks in the password', 'ann: a b ', ' a b '],
  ])('is read with %s', (_, plain, password) => {
    const expected = { kind: 'password', username: 'ann', password, from: 'the file' }
    expect(credential({ auth: base64(plain) })).toEqual(expected)
  })

  test.each([
    ['no colon', base64('ann')],
    ['no user', base64(':secret')],
    ['no password', base64('ann:')],
    ['a password of NUL bytes only', base64('ann:\0\0')],
    ['invalid base64', '###'],
    ['nothing', ''],
  ])('is absent with %s', (_, auth) => {
    expect(credential({ auth })).toBeUndefined()
  })

  test('may be a plain user and password, which come before auth', () => {
    const both = { username: 'bob', password: 'p', auth: base64('ann:q') }
    expect(credential(both)).toMatchObject({ username: 'bob', password: 'p' })
    expect(credential({ username: 'bob', auth: base64('ann:q') })).toMatchObject({ username: 'ann' })
  })

  test('may be an identity token, which comes before a password', () => {
    const value = { auth: base64('00000000-0000:'), identitytoken: 'id', username: 'a', password: 'b' }
    expect(credential(value)).toEqual({ kind: 'identity', token: 'id', from: 'the file' })
  })

  test('may be a registry token, which comes before everything else', () => {
    const value = { registrytoken: 'reg', identitytoken: 'id', auth: base64('a:b') }
    expect(credential(value)).toEqual({ kind: 'bearer', token: 'reg', from: 'the file' })
  })

  test.each([[null], [7], ['text'], [[]], [{ auth: 7 }], [{ auth: null, username: [], password: {} }]])(
    'is skipped if it is %j, and other entries are read',
    (odd) => {
      const file = read({ auths: { 'odd.test': odd, 'registry.test': entry('ann') } })
      expect(lookUp(file, 'odd.test', 'app', 'x')).toBeUndefined()
      expect(lookUp(file, 'registry.test', 'app', 'x')).toMatchObject({ credential: { username: 'ann' } })
    },
  )
})

describe('credential helpers', () => {
  test('for the host come before its entry, the store for all hosts after it', () => {
    const auths = { 'registry.test': entry('ann') }
    const credHelpers = { 'registry.test': 'ecr' }
    expect(found({ auths, credHelpers, credsStore: 'pass' }, 'registry.test')).toBe('ecr for registry.test')
    expect(found({ auths, credsStore: 'pass' }, 'registry.test')).toBe('ann')
  })

  test('are used for an empty entry, as docker login leaves behind', () => {
    const file = { auths: { 'registry.test': {} }, credsStore: 'pass' }
    expect(found(file, 'registry.test')).toBe('pass for registry.test')
  })

  test('for other hosts are not used', () => {
    expect(found({ credHelpers: { 'other.test': 'ecr' } }, 'registry.test')).toBe('')
  })
})

describe('an auth file', () => {
  test.each([[''], ['no JSON'], ['[]'], ['null'], ['7'], ['"text"'], ['{"auths":'], ['{"auths":7}']])(
    'is not valid if it is %j',
    (content) => {
      expect(parseAuthFile(content)).toBeUndefined()
    },
  )

  test('may contain unknown fields', () => {
    const file = { auths: {}, HttpHeaders: { a: 'b' }, currentContext: 'x', proxies: { default: {} } }
    expect(parseAuthFile(JSON.stringify(file))).toBeDefined()
  })

  test('of any JSON is parsed or rejected without an error, and yields no empty secret', () => {
    fc.assert(
      fc.property(fc.json(), fc.webAuthority(), (content, registry) => {
        const file = parseAuthFile(content)
        const answer = file && lookUp(file, registry, 'a/b', 'x')
        if (answer && 'credential' in answer) expect(secretOf(answer.credential)).not.toBe('')
      }),
      { numRuns: 500 },
    )
  })

  test('of almost the right form is parsed or rejected without an error', () => {
    const text = fc.oneof(fc.string(), fc.base64String(), fc.constant('ann:x').map(base64))
    const value = fc.record(
      { auth: fc.oneof(text, fc.jsonValue()), username: text, password: text, identitytoken: text },
      { requiredKeys: [] },
    )
    const keys = fc.oneof(
      fc.constantFrom('registry.test', 'https://registry.test/v1/', 'registry.test/a', '__proto__', ''),
      fc.string(),
    )
    const file = fc.record(
      {
        auths: fc.dictionary(keys, fc.oneof(value, fc.jsonValue())),
        credHelpers: fc.oneof(fc.dictionary(keys, text), fc.jsonValue()),
        credsStore: fc.oneof(text, fc.jsonValue()),
      },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(file, (content) => {
        const auth = parseAuthFile(JSON.stringify(content))
        const answer = auth && lookUp(auth, 'registry.test', 'a/b', 'x')
        if (answer && 'credential' in answer) expect(secretOf(answer.credential)).not.toBe('')
      }),
      { numRuns: 500 },
    )
  })
})

test('a credential is described by user or kind and source, never by its value', () => {
  const from = 'docker_config'
  expect(describeCredential({ kind: 'password', username: 'ann', password: 'hidden', from })).toBe(
    'user “ann” (from docker_config)',
  )
  expect(describeCredential({ kind: 'identity', token: 'hidden', from })).toBe(
    'the identity token from docker_config',
  )
  expect(describeCredential({ kind: 'bearer', token: 'hidden', from })).toBe(
    'the registry token from docker_config',
  )
})
