import { describe, expect, test } from 'vitest'
import { allows, grantedScope } from '../../../src/observe/registry/token-scope.ts'

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const jwt = (claims: unknown) => `${part({ alg: 'none' })}.${part(claims)}.signature`
const access = (...actions: string[]) => ({ access: [{ type: 'repository', name: 'app', actions }] })

describe('the scope that a token grants', () => {
  test.each<[string, string, unknown, string]>([
    ['is the access claim of a JWT', jwt(access('pull', 'push')), undefined, 'repository:app:pull,push'],
    [
      'is the claim rather than the response',
      jwt(access('pull')),
      'repository:app:pull,push',
      'repository:app:pull',
    ],
    ['is nothing where the claim is empty', jwt({ access: [] }), 'x', 'nothing'],
    ['is that of the response of an opaque token', 'opaque', 'repository:app:pull', 'repository:app:pull'],
    ['is that of the response where a JWT has no such claim', jwt({ sub: 'ann' }), 'a:b:c', 'a:b:c'],
    ['is unknown for an opaque token', 'opaque', undefined, ''],
    ['is unknown for a claim of another form', jwt({ access: 'all' }), 7, ''],
    ['is unknown for what is no JSON', 'a.b.c', undefined, ''],
  ])('%s', (_sentence, token, scope, expected) => {
    expect(grantedScope(token, scope)).toBe(expected)
  })
})

describe('a scope', () => {
  test.each<[string, string, boolean]>([
    ['repository:app:pull,push', 'app', true],
    ['repository:app:push,pull', 'app', true],
    ['repository:app:*', 'app', true],
    ['repository(plugin):app:push', 'app', true],
    ['repository:other:push repository:app:pull,push', 'app', true],
    ['repository:host:5000/app:push', 'host:5000/app', true],
    ['repository:app:pull', 'app', false],
    ['repository:app:pull repository:other:push', 'app', false],
    ['repository:app/sub:push', 'app', false],
    ['registry:catalog:*', 'app', false],
    ['nothing', 'app', false],
    ['', 'app', false],
  ])('%s allows a push to %s: %s', (scope, repository, expected) => {
    expect(allows(scope, repository, 'push')).toBe(expected)
  })
})
