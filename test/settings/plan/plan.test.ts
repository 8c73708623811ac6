import { describe, expect, test } from 'vitest'
import { referenceName } from '../../../src/oci/reference.ts'
import type { PushRecord } from '../../../src/settings/plan/plan.ts'
import { planOf, planProblems } from '../settings.ts'

const digest = `sha256:${'ab12'.repeat(16)}`
const other = `sha256:${'cd34'.repeat(16)}`

/** The references that these settings name. */
const names = (given: Record<string, string>, record?: PushRecord): string[] =>
  planOf(given, record).targets.map(({ reference }) => referenceName(reference))

describe('repo and tags', () => {
  test.each<[string, Record<string, string>, string[]]>([
    ['no tags are `latest`', { repo: 'a.b/c' }, ['a.b/c:latest']],
    [
      'each tag of each repository',
      { repo: 'a.b/c,d.e/f', tags: '1,2' },
      ['a.b/c:1', 'a.b/c:2', 'd.e/f:1', 'd.e/f:2'],
    ],
    ['a tag in the repository is meant', { repo: 'a.b/c:3,d.e/f', tags: '1' }, ['a.b/c:3', 'd.e/f:1']],
    ['a digest in the repository is meant', { repo: `a.b/c@${digest}`, tags: '1' }, [`a.b/c@${digest}`]],
    ['the same name twice is one target', { repo: 'a.b/c,a.b/c', tags: '1,1' }, ['a.b/c:1']],
    ['images stand beside them', { repo: 'a.b/c', tags: '1', images: 'd.e/f:2' }, ['a.b/c:1', 'd.e/f:2']],
    ['an image is not given the tags', { images: 'a.b/c', tags: '1' }, ['a.b/c:latest']],
    ['the same name from both is one target', { repo: 'a.b/c', images: 'a.b/c:latest' }, ['a.b/c:latest']],
    ['a short name is on Docker Hub', { repo: 'team/app', tags: '1' }, ['docker.io/team/app:1']],
    [
      'Docker Hub has many names',
      { images: 'alpine,index.docker.io/library/alpine' },
      ['docker.io/library/alpine:latest'],
    ],
  ])('%s', (_sentence, given, expected) => {
    expect(names(given)).toEqual(expected)
  })
})

describe('a repo and a registry', () => {
  test.each<[string, string, string, string]>([
    [
      'kaniko: a path goes below the registry',
      'team/app',
      'registry.example.com',
      'registry.example.com/team/app',
    ],
    ['kaniko: a single name, too', 'app', 'registry.example.com:5000', 'registry.example.com:5000/app'],
    [
      'kaniko: a registry may be a URL',
      'team/app',
      'https://registry.example.com/',
      'registry.example.com/team/app',
    ],
    ['kaniko: localhost is a registry', 'team/app', 'localhost:5000', 'localhost:5000/team/app'],
    ['kaniko: a tag is kept', 'app:1', 'localhost:5000', 'localhost:5000/app:1'],
    ['kaniko: an address is a registry', 'app', '[::1]:5000', '[::1]:5000/app'],
    ['buildx: a repo with a host keeps it', 'codeberg.org/o/app', 'codeberg.org', 'codeberg.org/o/app'],
    ['buildx: even when the login is elsewhere', 'a.b/o/app', 'codeberg.org', 'a.b/o/app'],
    ['buildx: a host with a port keeps it', 'registry:5000/app', 'codeberg.org', 'registry:5000/app'],
    ['buildx: localhost keeps it', 'localhost/app', 'codeberg.org', 'localhost/app'],
    ['buildx: its default registry is Docker Hub', 'o/app', 'https://index.docker.io/v1/', 'docker.io/o/app'],
    ['Docker Hub by its other names', 'o/app', 'docker.io', 'docker.io/o/app'],
    ['Docker Hub by its web name', 'o/app', 'registry.hub.docker.com', 'docker.io/o/app'],
  ])('%s', (_sentence, repo, registry, expected) => {
    const [name] = names({ repo, registry })
    expect(name?.replace(/:latest$/, '')).toBe(expected)
  })
})

describe('the digest that the push reported', () => {
  test('is expected of every tag, and not of a digest', () => {
    const { targets } = planOf({ repo: `a.b/c,a.b/d@${other}`, tags: '1,2', expect_digest: digest })
    const expected = { digest, from: 'expect_digest' }
    expect(targets.map((target) => target.expected)).toEqual([expected, expected, undefined])
  })

  test('comes from the record of the push, where no setting says it', () => {
    const record = { images: [], digest: { value: digest, from: 'metadata_file m.json' } }
    expect(planOf({ repo: 'a.b/c' }, record).targets[0]?.expected).toEqual({
      digest,
      from: 'metadata_file m.json',
    })
    expect(planOf({ repo: 'a.b/c', expect_digest: digest }, record).targets[0]?.expected?.digest).toBe(digest)
  })

  test('is asked back for where setting and record differ', () => {
    const record = { images: [], digest: { value: digest, from: 'metadata_file m.json' } }
    expect(planProblems({ repo: 'a.b/c', expect_digest: other }, record)).toMatchObject([
      { setting: 'expect_digest', value: other },
    ])
  })

  test.each(['ab12', 'sha256:ab12', `sha256:${'AB12'.repeat(16)}`, 'latest', `a.b/c@${digest}`])(
    'is no `%s`',
    (written) => {
      expect(planProblems({ repo: 'a.b/c', expect_digest: written })).toEqual([
        { setting: 'expect_digest', value: written, message: 'must look like sha256:<64 hex digits>' },
      ])
    },
  )
})

describe('the images of a metadata file', () => {
  const record: PushRecord = {
    images: ['a.b/c:1', 'docker.io/library/x'],
    digest: { value: digest, from: 'm' },
  }

  test('are verified where nothing is named', () => {
    expect(names({}, record)).toEqual(['a.b/c:1', 'docker.io/library/x:latest'])
  })

  test('are not verified where something is named', () => {
    expect(names({ images: 'd.e/f:2' }, record)).toEqual(['d.e/f:2'])
    expect(names({ repo: 'd.e/f' }, record)).toEqual(['d.e/f:latest'])
  })

  test('are told by the file they come from when they are wrong', () => {
    expect(planProblems({}, { images: ['a.b/C'] })).toMatchObject([
      { setting: 'metadata_file', value: 'a.b/C' },
    ])
  })
})

describe('mistakes', () => {
  test('nothing to verify is one', () => {
    expect(planProblems({})).toEqual([
      {
        setting: 'repo',
        message: expect.stringContaining('nothing to verify'),
        fix: { repo: expect.any(String), tags: ['latest'] },
      },
    ])
  })

  test('all of them are told at once, with the value', () => {
    const given = {
      repo: 'https://a.b/c,d.e/F',
      tags: '1,a b,.x',
      images: 'x@y',
      platforms: 'linux',
      expect_digest: 'x',
      username: 'u',
    }
    expect(planProblems(given).map(({ setting, value }) => [setting, value])).toEqual([
      ['tags', 'a b'],
      ['tags', '.x'],
      ['repo', 'https://a.b/c'],
      ['repo', 'd.e/F'],
      ['images', 'x@y'],
      ['expect_digest', 'x'],
      ['platforms', 'linux'],
      ['password', undefined],
    ])
  })
})

test('the platforms that an image must have are normalised', () => {
  expect(planOf({ repo: 'a.b/c', platforms: 'linux/amd64,linux/arm64/v8' }).platforms).toEqual([
    { os: 'linux', architecture: 'amd64', variant: '', osVersion: '' },
    { os: 'linux', architecture: 'arm64', variant: '', osVersion: '' },
  ])
})
