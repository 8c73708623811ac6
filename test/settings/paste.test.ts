import { describe, expect, test } from 'vitest'
import { type Around, type Pasted, paste, pushTo, tagged } from './paste.ts'

/** A settings block as it stands under a build step, where it runs, and what regguard verifies. */
type PortState = [what: string, yaml: string, expected: Partial<Pasted>, around?: Around]

const quiet = { notes: [], problems: [], unknown: [], nothing: undefined }

function golden(rows: PortState[]): void {
  test.each(rows)('%s', (_what, yaml, expected, around) => {
    expect(paste(yaml, around)).toMatchObject({ ...quiet, ...expected })
  })
}

const buildx = 'dockerfile: Dockerfile\nplatforms: linux/amd64'
const kaniko = 'dockerfile: Dockerfile\ncache: true'

describe('repo and registry', () => {
  golden([
    [
      'buildx: a whole reference',
      'repo: codeberg.org/o/app\nregistry: codeberg.org',
      { refs: ['codeberg.org/o/app:latest'] },
    ],
    ['buildx: a short name of Docker Hub', 'repo: o/app', { refs: ['docker.io/o/app:latest'] }],
    [
      'buildx: Docker Hub by its address',
      'repo: o/app\nregistry: https://index.docker.io/v1/',
      { refs: ['docker.io/o/app:latest'] },
    ],
    [
      'buildx: a list',
      'repo:\n  - o/app\n  - codeberg.org/o/app',
      { refs: ['docker.io/o/app:latest', 'codeberg.org/o/app:latest'] },
    ],
    [
      'buildx: a comma string',
      'repo: o/app,codeberg.org/o/app\ntag: demo',
      { refs: ['docker.io/o/app:demo', 'codeberg.org/o/app:demo'] },
    ],
    [
      'buildx: a variable',
      `repo: codeberg.org/\${CI_REPO_OWNER}/hello`,
      { refs: ['codeberg.org/octo/hello:latest'] },
      { variables: { CI_REPO_OWNER: 'octo' } },
    ],
    [
      'kaniko: a path below the registry',
      'repo: o/app\nregistry: codeberg.org',
      { refs: ['codeberg.org/o/app:latest'] },
    ],
    [
      'kaniko: a registry with a path',
      'repo: app\nregistry: harbor.local/team\ncache: true',
      { refs: ['harbor.local/team/app:latest'] },
    ],
    [
      'kaniko: a path that looks like a host, below another registry',
      'repo: ghcr.io/o/app\nregistry: harbor.local\ncache: true',
      { refs: ['harbor.local/ghcr.io/o/app:latest'] },
    ],
    [
      'kaniko: the registry’s own host is not doubled',
      'repo: codeberg.org/o/app\nregistry: codeberg.org\ncache: true',
      { refs: ['codeberg.org/o/app:latest'] },
    ],
    [
      'kaniko: destinations, in place of repo and tags',
      'repo: o/app\nregistry: codeberg.org\ntags: dev\ndestinations:\n  - index.docker.io/v1/o/name:dev\n  - codeberg.org/company/o/name:prod',
      { refs: ['docker.io/o/name:dev', 'codeberg.org/company/o/name:prod'] },
    ],
    [
      'kaniko: destinations without a repo, which it does not push',
      'destinations: [codeberg.org/o/app:1]',
      {
        refs: ['codeberg.org/o/app:1'],
        notes: ['plugin-kaniko pushes “destinations” only where “repo” is set as well'],
      },
    ],
    [
      'wp-docker-buildx: extra tags are whole references',
      'repo: o/app\ntags: "1"\nextra_tags: [ghcr.io/o/app:1]',
      { refs: ['docker.io/o/app:1', 'ghcr.io/o/app:1'] },
    ],
  ])
})

describe('tags', () => {
  const repo = 'repo: a.b/c\n'
  golden([
    ['none: latest', repo, { refs: ['a.b/c:latest'] }],
    ['a text', `${repo}tag: next`, { refs: ['a.b/c:next'] }],
    ['a comma string', `${repo}tags: 1.2,latest`, { refs: ['a.b/c:1.2', 'a.b/c:latest'] }],
    ['a list', `${repo}tags:\n  - latest\n  - "1.10"`, { refs: ['a.b/c:latest', 'a.b/c:1.10'] }],
    ['a list with a number, as YAML leaves it', `${repo}tags: [1.10, 2]`, { refs: ['a.b/c:1.1', 'a.b/c:2'] }],
    [
      'a list with a variable that is not set',
      `${repo}tags: [latest, "\${UNSET}"]`,
      { refs: ['a.b/c:latest'] },
    ],
    [
      'a variable',
      `${repo}tag: \${CI_COMMIT_TAG}`,
      { refs: ['a.b/c:v1'] },
      { variables: { CI_COMMIT_TAG: 'v1' } },
    ],
    ['a variable that is not set: latest', `${repo}tag: \${CI_COMMIT_TAG}`, { refs: ['a.b/c:latest'] }],
    ['a tag in the repo', 'repo: a.b/c:3', { refs: ['a.b/c:3'] }],
  ])
})

describe('a file .tags in the workspace', () => {
  const around: Around = { record: { dotTags: ['f1', 'f2'] } }
  const both = ['a.b/c:f1', 'a.b/c:f2']
  golden([
    ['is what was pushed, where no tags are set', 'repo: a.b/c', { refs: both }, around],
    [
      'buildx from 5.0 on: is stronger than tags',
      `repo: a.b/c\ntags: x\n${buildx}\ndefault_tag: y`,
      { refs: both },
      around,
    ],
    ['kaniko: is weaker than tags', `repo: a.b/c\ntags: x\n${kaniko}`, { refs: ['a.b/c:x'] }, around],
    [
      'wp-docker-buildx: is weaker than tags',
      'repo: a.b/c\ntags: x\ncontainerfile: y',
      { refs: ['a.b/c:x'] },
      around,
    ],
    ['says nothing where the repo has its own tag', 'repo: a.b/c:3', { refs: ['a.b/c:3'] }, around],
    [
      'says nothing beside tags_file',
      'repo: a.b/c\ntags_file: x',
      { refs: ['a.b/c:t'] },
      { record: { ...around.record, tags: ['t'] } },
    ],
    [
      'and tags that have one in common: that one',
      'repo: a.b/c\ntags: f1,x',
      { refs: ['a.b/c:f1'], notes: [expect.stringMatching(/^not verified: f2, x\./)] },
      around,
    ],
    [
      'and other tags: what the step says, and that the file says another',
      'repo: a.b/c\ntags: x',
      {
        refs: ['a.b/c:x'],
        notes: [expect.stringMatching(/^not verified: f1, f2\. plugin-docker-buildx would have pushed them/)],
      },
      around,
    ],
    [
      'and other tags, when it is said',
      'repo: a.b/c\ntags: x\npushed_by: plugin-kaniko',
      { refs: ['a.b/c:x'] },
      around,
    ],
  ])
})

describe('tags_file', () => {
  const record = { tags: ['t1', 't2'] }
  golden([
    ['replaces tags', 'repo: a.b/c\ntags: x\ntags_file: f', { refs: ['a.b/c:t1', 'a.b/c:t2'] }, { record }],
    [
      'is added to what auto_tag makes',
      `repo: a.b/c\ntag_file: f\nauto_tag: true\n${buildx}`,
      { refs: ['a.b/c:latest', 'a.b/c:t1', 'a.b/c:t2'] },
      { record },
    ],
  ])
})

/** What each plugin pushes was measured by running it with these very settings, and a `docker` or executor that only told its arguments. */
describe('auto_tag of plugin-docker-buildx', () => {
  const block = `repo: a.b/c\nauto_tag: true\ndockerfile: Dockerfile\nplatforms: linux/amd64\n`
  const on = (env: Record<string, string>, tags: string[], more = ''): PortState => [
    `${env.CI_COMMIT_REF} ${more.replaceAll('\n', ', ')}`,
    block + more,
    { refs: tags.map((tag) => `a.b/c:${tag}`) },
    { env },
  ]
  golden([
    on(pushTo('main'), ['latest']),
    on(pushTo('main'), ['edge'], 'default_tag: edge'),
    on(pushTo('main'), ['alpine'], 'auto_tag_suffix: alpine'),
    on(pushTo('main'), ['alpine'], 'default_suffix: alpine'),
    on(pushTo('main'), ['alpine', 'nightly'], 'default_tag: edge\nauto_tag_suffix: alpine\ntags: nightly'),
    on(pushTo('main'), ['latest', 'x'], 'tags: x'),
    on(tagged('v1.2.3'), ['1', '1.2', '1.2.3', 'latest']),
    on(tagged('1.2.3'), ['1', '1.2', '1.2.3', 'latest']),
    on(tagged('v1.2.3'), ['1', '1.2', '1.2.3', 'foo', 'bar'], 'tags: [foo, bar]'),
    on(tagged('v1.2.3'), ['1', '1.2', '1.2.3'], 'default_tag: edge'),
    on(tagged('v1.2.3'), ['1-alpine', '1.2-alpine', '1.2.3-alpine'], 'auto_tag_suffix: alpine'),
    on(tagged('v0.3.1'), ['0.3', '0.3.1', 'latest']),
    on(tagged('v1.2.3-rc.1'), ['1.2.3-rc.1', 'latest']),
    on(tagged('v1.2-rc'), ['1.2.0-rc', 'latest']),
    on(tagged('20240102'), ['20240102', 'latest']),
    on(tagged('2024-01-02'), ['2024-01-02', 'latest']),
    on(tagged('2024-01-02'), ['2024-01-02-alpine'], 'auto_tag_suffix: alpine'),
    on(tagged('v2024'), ['2024', 'latest']),
    on(tagged('v2024.1.0'), ['2024', '2024.1', '2024.1.0', 'latest']),
    on(tagged('1.2'), ['1', '1.2', '1.2.0', 'latest']),
    on(tagged('v1'), ['1', '1.0', '1.0.0', 'latest']),
    on(tagged('1.2.3.4'), ['1', '1.2', '1.2.3', 'latest']),
    on(tagged('v01.02.03'), ['1', '1.2', '1.2.3', 'latest']),
    on(pushTo('feature'), ['foo', 'bar'], 'tags: [foo, bar]'),
  ])

  test.each([
    ['another branch', pushTo('feature'), /auto_tag makes no tag of feature: .* default branch, main/],
    [
      'a pull request',
      { ...pushTo('main'), CI_PIPELINE_EVENT: 'pull_request', CI_COMMIT_REF: 'refs/pull/3/head' },
      /auto_tag makes no tag of pull\/3\/head/,
    ],
  ])('%s: nothing was pushed, and that is no mistake', (_what, env, why) => {
    expect(paste(`${block}default_tag: latest`, { env })).toMatchObject({
      ...quiet,
      refs: [],
      nothing: expect.stringMatching(why),
    })
  })

  test('images beside it are verified all the same, and what was not pushed is said', () => {
    expect(paste(`${block}default_tag: x\nimages: d.e/f:1`, { env: pushTo('feature') })).toMatchObject({
      ...quiet,
      refs: ['d.e/f:1'],
      notes: [expect.stringContaining('makes no tag of feature')],
    })
  })

  test.each(['release', 'app/v1.2.3', 'V1.2.3', 'v1.2.3rc1', 'v1.2.x'])('%s is no version', (tag) => {
    const { problems } = paste(`${block}default_tag: latest`, { env: tagged(tag) })
    expect(problems).toEqual([
      `auto_tag: “${tag}” is no version, and plugin-docker-buildx builds nothing from it. Give the git tag a version, or name the tags`,
    ])
  })

  test('build metadata makes no image tag, in any registry', () => {
    const { problems } = paste(block, { env: tagged('v1.2.3+b7') })
    expect(problems).toEqual([expect.stringMatching(/^auto_tag: is no tag/)])
  })
})

describe('auto_tag of plugin-kaniko', () => {
  const block = `repo: c\nregistry: a.b\nauto-tag: true\n${kaniko}\n`
  const on = (env: Record<string, string>, tags: string[], more = ''): PortState => [
    `${env.CI_COMMIT_REF} ${more}`,
    block + more,
    { refs: tags.map((tag) => `a.b/c:${tag}`) },
    { env },
  ]
  golden([
    on(pushTo('main'), ['latest']),
    on(pushTo('feature'), ['latest']),
    on(tagged('v1.2.3'), ['1', '1.2', '1.2.3', 'latest']),
    on(tagged('v0.3.1'), ['0', '0.3', '0.3.1', 'latest']),
    on(tagged('1.2'), ['1', '1.2', '1.2.0', 'latest']),
    on(tagged('v1'), ['1', '1.0', '1.0.0', 'latest']),
    on(tagged('v2024'), ['2024', '2024.0', '2024.0.0', 'latest']),
    on(tagged('v1.2.3-rc.1'), ['1.2.3-rc.1', 'latest']),
    on(tagged('2024-01-02'), ['2024-01-02', 'latest']),
    on(tagged('20240102'), ['20240102', '20240102.0', '20240102.0.0', 'latest']),
    on(tagged('release'), ['release', 'latest']),
    on(tagged('1.2.3.4'), ['1.2.3.4', 'latest']),
    on(tagged('V1.2.3'), ['V1', 'V1.2', 'V1.2.3', 'latest']),
    on(tagged('v01.2.3'), ['01', '01.2', '01.2.3', 'latest']),
    on(tagged('v'), ['latest']),
    on(tagged('v1.2.3'), ['foo'], 'tags: foo'),
  ])

  test('the file .tags that it wrote tells it apart', () => {
    const record = { dotTags: ['1', '1.2', '1.2.3', 'latest'] }
    const { refs, notes } = paste('repo: a.b/c\nauto_tag: true', { env: tagged('v1.2.3'), record })
    expect({ refs, notes }).toEqual({ refs: record.dotTags.map((tag) => `a.b/c:${tag}`), notes: [] })
  })
})

describe('auto_tag of wp-docker-buildx', () => {
  const block = 'repo: a.b/c\nauto_tag: true\ncontainerfile: Containerfile\n'
  const on = (env: Record<string, string>, tags: string[], more = ''): PortState => [
    `${env.CI_COMMIT_REF} ${more}`,
    block + more,
    { refs: tags.map((tag) => `a.b/c:${tag}`) },
    { env },
  ]
  golden([
    on(pushTo('main'), ['latest']),
    on(pushTo('main'), ['alpine'], 'default_suffix: alpine'),
    on(pushTo('feature'), ['foo'], 'tags: foo'),
    on(tagged('v1.2.3'), ['1', '1.2', '1.2.3']),
    on(tagged('v1.2.3'), ['1', '1.2', '1.2.3'], 'tags: foo'),
    on(tagged('v1.2.3'), ['1-alpine', '1.2-alpine', '1.2.3-alpine'], 'auto_tag_suffix: alpine'),
    on(tagged('v0.3.1'), ['0.3', '0.3.1']),
    on(tagged('v1.2.3-rc.1'), ['1.2.3-rc.1']),
    on(tagged('v1.2.3+b7'), ['1', '1.2', '1.2.3']),
  ])

  test('a tag that is no whole version stops it', () => {
    expect(paste(block, { env: tagged('v1.2') }).problems).toEqual([
      expect.stringContaining('no version x.y.z'),
    ])
  })

  test('without tags it pushes nothing', () => {
    expect(paste('repo: a.b/c\ncontainerfile: x')).toMatchObject({
      refs: [],
      nothing: 'wp-docker-buildx pushes nothing without tags',
    })
  })
})

describe('auto_tag where the settings do not tell which plugin pushed', () => {
  const block = 'repo: a.b/c\nauto_tag: true\n'
  const on = (env: Record<string, string>, tags: string[], notes: unknown[], more = ''): PortState => [
    `${env.CI_COMMIT_REF} ${more}`,
    block + more,
    { refs: tags.map((tag) => `a.b/c:${tag}`), notes: notes as string[] },
    { env },
  ]
  golden([
    on(pushTo('main'), ['latest'], []),
    on(
      tagged('v1.2.3'),
      ['1', '1.2', '1.2.3'],
      [
        expect.stringMatching(
          /^not verified: latest\. plugin-docker-buildx or plugin-kaniko would have pushed it/,
        ),
      ],
    ),
    on(tagged('v0.3.1'), ['0.3', '0.3.1'], [expect.stringMatching(/^not verified: latest, 0\./)]),
    on(tagged('v1.2.3'), ['foo'], [expect.stringMatching(/^not verified: 1, 1\.2, 1\.2\.3\./)], 'tags: foo'),
    on(tagged('release'), ['release', 'latest'], []),
    on(tagged('v1.2.3'), ['1', '1.2', '1.2.3', 'latest'], [], 'pushed_by: plugin-kaniko'),
  ])

  test('where they have no tag in common, and the step names none, it has to be said', () => {
    const { problems } = paste(block, { env: tagged('1.2.3.4'), record: { dotTags: ['f1'] } })
    expect(problems).toEqual([
      'tags: which tags were pushed depends on the plugin that built: plugin-docker-buildx pushes 1, 1.2, 1.2.3, f1; plugin-kaniko pushes 1.2.3.4, latest. Say which it was',
    ])
  })

  test('on another branch nothing is missed, and what one of them would have pushed is said', () => {
    expect(paste(block, { env: pushTo('feature') })).toMatchObject({
      ...quiet,
      refs: [],
      nothing: expect.stringContaining('makes no tag of feature'),
      notes: ['plugin-kaniko would have pushed latest. If it was, say “pushed_by: plugin-kaniko”.'],
    })
  })

  test('settings that no plugin has together say nothing of which it was', () => {
    const mixed = `${block}containerfile: x\ndestinations: []\njson_key: ~\ncache: true`
    expect(paste(mixed, { env: pushTo('main') }).refs).toEqual(['a.b/c:latest'])
  })

  test('without a commit, or without a default branch, the tags have to be named', () => {
    expect(paste(block, { env: {} }).problems).toEqual([expect.stringContaining('CI_COMMIT_REF')])
    expect(paste(block, { env: { CI_COMMIT_REF: 'refs/heads/main' } }).problems).toEqual([
      expect.stringContaining('CI_REPO_DEFAULT_BRANCH'),
    ])
    expect(paste(block, { env: { GITHUB_REF: 'refs/tags/v1.2.3' } }).refs).toHaveLength(3)
  })

  test('it asks for none of that where every repo has its tag', () => {
    expect(paste('repo: a.b/c:3\nauto_tag: true', { env: {} })).toMatchObject({ ...quiet, refs: ['a.b/c:3'] })
  })
})
