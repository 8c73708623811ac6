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
    ['`latest` by default', { repo: 'a.b/c' }, ['a.b/c:latest']],
    [
      'each tag of each repository',
      { repo: 'a.b/c,d.e/f', tags: '1,2' },
      ['a.b/c:1', 'a.b/c:2', 'd.e/f:1', 'd.e/f:2'],
    ],
    ['a tag in repo overrides tags', { repo: 'a.b/c:3,d.e/f', tags: '1' }, ['a.b/c:3', 'd.e/f:1']],
    ['a digest in repo needs no tags', { repo: `a.b/c@${digest}` }, [`a.b/c@${digest}`]],
    ['duplicates are one target', { repo: 'a.b/c,a.b/c', tags: '1,1' }, ['a.b/c:1']],
    ['images add to them', { repo: 'a.b/c', tags: '1', images: 'd.e/f:2' }, ['a.b/c:1', 'd.e/f:2']],
    ['tags apply to images without a tag', { images: 'a.b/c,a.b/d:2', tags: '1' }, ['a.b/c:1', 'a.b/d:2']],
    ['images have the tag latest without tags', { images: 'a.b/c' }, ['a.b/c:latest']],
    ['a duplicate in images is one target', { repo: 'a.b/c', images: 'a.b/c:latest' }, ['a.b/c:latest']],
    ['a short name is on Docker Hub', { repo: 'team/app', tags: '1' }, ['docker.io/team/app:1']],
    [
      'Docker Hub has several host names',
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
      'kaniko: a path goes under the registry',
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
    ['kaniko: an IP address is a registry', 'app', '[::1]:5000', '[::1]:5000/app'],
    ['buildx: a repo with a host keeps it', 'codeberg.org/o/app', 'codeberg.org', 'codeberg.org/o/app'],
    ['buildx: even if the login is for another registry', 'a.b/o/app', 'codeberg.org', 'a.b/o/app'],
    ['buildx: a host with a port keeps it', 'registry:5000/app', 'codeberg.org', 'registry:5000/app'],
    ['buildx: localhost keeps it', 'localhost/app', 'codeberg.org', 'localhost/app'],
    ['buildx: its default registry is Docker Hub', 'o/app', 'https://index.docker.io/v1/', 'docker.io/o/app'],
    ['Docker Hub by an alias', 'o/app', 'docker.io', 'docker.io/o/app'],
    ['Docker Hub by its web host', 'o/app', 'registry.hub.docker.com', 'docker.io/o/app'],
  ])('%s', (_sentence, repo, registry, expected) => {
    const [name] = names({ repo, registry })
    expect(name?.replace(/:latest$/, '')).toBe(expected)
  })
})

describe('the expected digest', () => {
  test('applies to tags, not to references with a digest', () => {
    const { targets } = planOf({ repo: `a.b/c,a.b/d@${other}`, tags: '1,2', expect_digest: digest })
    const expected = { digest, from: 'expect_digest' }
    expect(targets.map((target) => target.expected)).toEqual([expected, expected, undefined])
  })

  test('comes from the push record if expect_digest is not set', () => {
    const record = { images: [], digest: { value: digest, from: 'metadata_file m.json' } }
    expect(planOf({ repo: 'a.b/c' }, record).targets[0]?.expected).toEqual({
      digest,
      from: 'metadata_file m.json',
    })
    expect(planOf({ repo: 'a.b/c', expect_digest: digest }, record).targets[0]?.expected?.digest).toBe(digest)
  })

  test('is a problem if setting and record differ', () => {
    const record = { images: [], digest: { value: digest, from: 'metadata_file m.json' } }
    expect(planProblems({ repo: 'a.b/c', expect_digest: other }, record)).toMatchObject([
      { setting: 'expect_digest', value: other },
    ])
  })

  test.each(['ab12', 'sha256:ab12', `sha256:${'AB12'.repeat(16)}`, 'latest', `a.b/c@${digest}`])(
    'is not `%s`',
    (written) => {
      expect(planProblems({ repo: 'a.b/c', expect_digest: written })).toEqual([
        { setting: 'expect_digest', value: written, message: 'must have the form sha256:<64 hex digits>' },
      ])
    },
  )
})

describe('the images of a metadata file', () => {
  const record: PushRecord = {
    images: ['a.b/c:1', 'docker.io/library/x'],
    digest: { value: digest, from: 'm' },
  }

  test('are verified if no image is named', () => {
    expect(names({}, record)).toEqual(['a.b/c:1', 'docker.io/library/x:latest'])
  })

  test('are ignored if an image is named', () => {
    expect(names({ images: 'd.e/f:2' }, record)).toEqual(['d.e/f:2'])
    expect(names({ repo: 'd.e/f' }, record)).toEqual(['d.e/f:latest'])
  })

  test('are reported under metadata_file if invalid', () => {
    expect(planProblems({}, { images: ['a.b/C'] })).toMatchObject([
      { setting: 'metadata_file', value: 'a.b/C' },
    ])
  })
})

describe('problems', () => {
  test('include having nothing to verify', () => {
    expect(planProblems({})).toEqual([
      {
        setting: 'repo',
        message: expect.stringContaining('nothing to verify'),
        fix: { repo: expect.any(String), tags: ['latest'] },
      },
    ])
  })

  test('are all reported at once, with the value', () => {
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

test('platforms are normalised', () => {
  expect(planOf({ repo: 'a.b/c', platforms: 'linux/amd64,linux/arm64/v8' }).platforms).toEqual([
    { os: 'linux', architecture: 'amd64', variant: '', osVersion: '' },
    { os: 'linux', architecture: 'arm64', variant: '', osVersion: '' },
  ])
})
