import { describe, expect, test } from 'vitest'
import { parseReference, type Reference, referenceName } from '../../src/oci/reference.ts'

const digest = `sha256:${'ab12'.repeat(16)}`
const hub = { registry: 'docker.io', apiHost: 'registry-1.docker.io' }
const on = (host: string) => ({ registry: host, apiHost: host })

describe('a reference that names its registry', () => {
  test.each<[string, Reference]>([
    ['registry.example.com/app', { ...on('registry.example.com'), repository: 'app' }],
    [
      'registry.example.com/team/app:1.2',
      { ...on('registry.example.com'), repository: 'team/app', tag: '1.2' },
    ],
    ['registry.example.com:5000/app:1', { ...on('registry.example.com:5000'), repository: 'app', tag: '1' }],
    ['localhost/app', { ...on('localhost'), repository: 'app' }],
    ['localhost:5000/a/b/c', { ...on('localhost:5000'), repository: 'a/b/c' }],
    ['registry:5000/app', { ...on('registry:5000'), repository: 'app' }],
    ['10.0.20.203/infra/ci:latest', { ...on('10.0.20.203'), repository: 'infra/ci', tag: 'latest' }],
    ['[::1]/app', { ...on('[::1]'), repository: 'app' }],
    ['[::1]:5000/app:1', { ...on('[::1]:5000'), repository: 'app', tag: '1' }],
    ['[2001:db8::1]:443/app', { ...on('[2001:db8::1]:443'), repository: 'app' }],
    ['xn--bcher-kva.example/app', { ...on('xn--bcher-kva.example'), repository: 'app' }],
    ['a.b/c__d/e-f--g.h_i', { ...on('a.b'), repository: 'c__d/e-f--g.h_i' }],
    [`a.b/c@${digest}`, { ...on('a.b'), repository: 'c', digest }],
    [`a.b/c:1.2@${digest}`, { ...on('a.b'), repository: 'c', tag: '1.2', digest }],
    ['a.b/c:_', { ...on('a.b'), repository: 'c', tag: '_' }],
    [`a.b/c:${'t'.repeat(128)}`, { ...on('a.b'), repository: 'c', tag: 't'.repeat(128) }],
    ['  a.b/c:1 \n', { ...on('a.b'), repository: 'c', tag: '1' }],
  ])('%s is parsed', (text, value) => {
    expect(parseReference(text)).toEqual({ ok: true, value })
  })

  test('a first component with upper case is a host, and API hosts are lower case', () => {
    expect(parseReference('Registry.Example.com/app')).toMatchObject({
      value: { apiHost: 'registry.example.com', repository: 'app' },
    })
    expect(parseReference('Harbor/app')).toMatchObject({ value: { apiHost: 'harbor', repository: 'app' } })
  })
})

describe('a short name is on Docker Hub', () => {
  test.each<[string, Reference]>([
    ['alpine', { ...hub, repository: 'library/alpine' }],
    ['alpine:3', { ...hub, repository: 'library/alpine', tag: '3' }],
    ['team/app', { ...hub, repository: 'team/app' }],
    ['team/sub/app:1', { ...hub, repository: 'team/sub/app', tag: '1' }],
    ['localhost', { ...hub, repository: 'library/localhost' }],
    ['localhost:5000', { ...hub, repository: 'library/localhost', tag: '5000' }],
    ['a.b', { ...hub, repository: 'library/a.b' }],
    ['docker.io/alpine', { ...hub, repository: 'library/alpine' }],
    ['index.docker.io/team/app', { ...hub, repository: 'team/app' }],
    ['registry-1.docker.io/library/alpine', { ...hub, repository: 'library/alpine' }],
    ['Docker.io/alpine', { ...hub, repository: 'library/alpine' }],
    [`alpine@${digest}`, { ...hub, repository: 'library/alpine', digest }],
  ])('%s', (text, value) => {
    expect(parseReference(text)).toEqual({ ok: true, value })
  })
})

describe('text that is not a reference is refused with the reason', () => {
  test.each([
    ['', 'it is empty'],
    ['  \n', 'it is empty'],
    ['https://a.b/c', 'scheme'],
    ['HTTP://a.b/c', 'scheme'],
    ['ab12'.repeat(16), 'bare digest'],
    ['a.b/c:', 'the tag after the colon is empty'],
    ['a.b/c:-x', '“-x” is not a valid tag'],
    ['a.b/c:.x', '“.x” is not a valid tag'],
    ['a.b/c:a+b', '“a+b” is not a valid tag'],
    [`a.b/c:${'t'.repeat(129)}`, 'is not a valid tag'],
    ['a.b/c@', 'is not a digest'],
    ['a.b/c@sha256', 'is not a digest'],
    [`a.b/c@sha256:${'AB12'.repeat(16)}`, 'is not a digest'],
    ['a.b/c@sha256:ab12', 'is not a digest'],
    [`a.b/c@${digest}@${digest}`, 'more than one @'],
    [`@${digest}`, 'the repository is missing'],
    ['a.b/', 'the repository is missing'],
    ['docker.io/', 'the repository is missing'],
    ['a.b/Team/app', 'must be lower case'],
    ['App', 'must be lower case'],
    ['a.b/c//d', 'is not a valid part of a repository name'],
    ['/a/b', 'is not a valid part of a repository name'],
    ['a.b/c/', 'is not a valid part of a repository name'],
    ['a.b/-c', '“-c” is not a valid part of a repository name'],
    ['a.b/c..d', '“c..d” is not a valid part of a repository name'],
    ['a.b/c___d', '“c___d” is not a valid part of a repository name'],
    ['a.b/c d', '“c d” is not a valid part of a repository name'],
    ['a.b/käse', '“käse” is not a valid part of a repository name'],
    ['a.b:/c', '“a.b:” is not a valid host name'],
    ['a.b:port/c', '“a.b:port” is not a valid host name'],
    ['-a.b/c', '“-a.b” is not a valid host name'],
    ['a.b:65536/c', '“a.b:65536” is not a valid host name, or has no valid port (at most 65535)'],
    ['1.2.3.256/c', '“1.2.3.256” is not a valid host name'],
    ['1.2.3.4.5/c', '“1.2.3.4.5” is not a valid host name'],
    ['[1:2]/c', '“[1:2]” is not a valid host name'],
    [`${'a.'.repeat(126)}bc/c`, 'is not a valid host name'],
    ['user:secret@a.b/c', 'is not a digest'],
    [`a.b/${'c'.repeat(256)}`, 'longer than 255'],
  ])('%j', (text, reason) => {
    const parsed = parseReference(text)
    expect(parsed.ok ? parsed.value : parsed.problem).toContain(reason)
  })

  test.each(['a..b/c', 'a-.b/c', '.a.b/c'])('%s: a host name has no empty or incomplete label', (text) => {
    expect(parseReference(text)).toMatchObject({ ok: false })
  })
})

test('a reference is printed as users write it', () => {
  const names = ['alpine', 'a.b:1/c:x', `a.b/c@${digest}`, `a.b/c:x@${digest}`].map((text) => {
    const parsed = parseReference(text)
    return parsed.ok ? referenceName(parsed.value) : parsed.problem
  })
  expect(names).toEqual(['docker.io/library/alpine', 'a.b:1/c:x', `a.b/c@${digest}`, `a.b/c:x@${digest}`])
})

test('a repository name of 255 characters is valid', () => {
  expect(parseReference(`a.b/${'c'.repeat(255)}`)).toMatchObject({ ok: true })
})
