import { describe, expect, test } from 'vitest'
import { type PasteContext, type Pasted, paste, pushTo, tagged } from './paste.ts'

/** The settings block of a build step, what regguard makes of it, and the context of the step. */
type PasteCase = [name: string, yaml: string, expected: Partial<Pasted>, context?: PasteContext]

const noComplaints = { notes: [], problems: [], unknown: [], skipReason: undefined }

function expectPasted(cases: PasteCase[]): void {
  test.each(cases)('%s', (_name, yaml, expected, context) => {
    expect(paste(yaml, context)).toMatchObject({ ...noComplaints, ...expected })
  })
}

const buildx = 'dockerfile: Dockerfile\nplatforms: linux/amd64'
const kaniko = 'dockerfile: Dockerfile\ncache: true'

describe('repo and registry', () => {
  expectPasted([
    [
      'buildx: a full reference',
      'repo: codeberg.org/o/app\nregistry: codeberg.org',
      { refs: ['codeberg.org/o/app:latest'] },
    ],
    ['buildx: a short Docker Hub name', 'repo: o/app', { refs: ['docker.io/o/app:latest'] }],
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
      'kaniko: a path under the registry',
      'repo: o/app\nregistry: codeberg.org',
      { refs: ['codeberg.org/o/app:latest'] },
    ],
    [
      'kaniko: a registry with a path',
      'repo: app\nregistry: harbor.local/team\ncache: true',
      { refs: ['harbor.local/team/app:latest'] },
    ],
    [
      'kaniko: a path that looks like a host, under another registry',
      'repo: ghcr.io/o/app\nregistry: harbor.local\ncache: true',
      { refs: ['harbor.local/ghcr.io/o/app:latest'] },
    ],
    [
      'kaniko: the host of the registry is not repeated',
      'repo: codeberg.org/o/app\nregistry: codeberg.org\ncache: true',
      { refs: ['codeberg.org/o/app:latest'] },
    ],
    [
      'kaniko: destinations replace repo and tags',
      'repo: o/app\nregistry: codeberg.org\ntags: dev\ndestinations:\n  - index.docker.io/v1/o/name:dev\n  - codeberg.org/company/o/name:prod',
      { refs: ['docker.io/o/name:dev', 'codeberg.org/company/o/name:prod'] },
    ],
    [
      'kaniko: destinations without repo, which it does not push',
      'destinations: [codeberg.org/o/app:1]',
      {
        refs: ['codeberg.org/o/app:1'],
        notes: ['plugin-kaniko pushes “destinations” only if “repo” is also set'],
      },
    ],
    [
      'wp-docker-buildx: extra tags are full references',
      'repo: o/app\ntags: "1"\nextra_tags: [ghcr.io/o/app:1]',
      { refs: ['docker.io/o/app:1', 'ghcr.io/o/app:1'] },
    ],
  ])
})

describe('tags', () => {
  const repo = 'repo: a.b/c\n'
  expectPasted([
    ['none: latest', repo, { refs: ['a.b/c:latest'] }],
    ['a string', `${repo}tag: next`, { refs: ['a.b/c:next'] }],
    ['a comma string', `${repo}tags: 1.2,latest`, { refs: ['a.b/c:1.2', 'a.b/c:latest'] }],
    ['a list', `${repo}tags:\n  - latest\n  - "1.10"`, { refs: ['a.b/c:latest', 'a.b/c:1.10'] }],
    ['a list with a number, as YAML reads it', `${repo}tags: [1.10, 2]`, { refs: ['a.b/c:1.1', 'a.b/c:2'] }],
    ['a list with an unset variable', `${repo}tags: [latest, "\${UNSET}"]`, { refs: ['a.b/c:latest'] }],
    [
      'a variable',
      `${repo}tag: \${CI_COMMIT_TAG}`,
      { refs: ['a.b/c:v1'] },
      { variables: { CI_COMMIT_TAG: 'v1' } },
    ],
    ['an unset variable: latest', `${repo}tag: \${CI_COMMIT_TAG}`, { refs: ['a.b/c:latest'] }],
    ['a tag in the repo', 'repo: a.b/c:3', { refs: ['a.b/c:3'] }],
  ])
})

describe('a file .tags in the workspace', () => {
  const context: PasteContext = { record: { dotTags: ['f1', 'f2'] } }
  const both = ['a.b/c:f1', 'a.b/c:f2']
  expectPasted([
    ['lists what was pushed if tags is not set', 'repo: a.b/c', { refs: both }, context],
    [
      'buildx since 5.0: overrides tags',
      `repo: a.b/c\ntags: x\n${buildx}\ndefault_tag: y`,
      { refs: both },
      context,
    ],
    ['kaniko: is overridden by tags', `repo: a.b/c\ntags: x\n${kaniko}`, { refs: ['a.b/c:x'] }, context],
    [
      'wp-docker-buildx: is overridden by tags',
      'repo: a.b/c\ntags: x\ncontainerfile: y',
      { refs: ['a.b/c:x'] },
      context,
    ],
    ['is ignored if repo has its own tag', 'repo: a.b/c:3', { refs: ['a.b/c:3'] }, context],
    [
      'is ignored if tags_file is set',
      'repo: a.b/c\ntags_file: x',
      { refs: ['a.b/c:t'] },
      { record: { ...context.record, tags: ['t'] } },
    ],
    [
      'shares one tag with tags: that one',
      'repo: a.b/c\ntags: f1,x',
      { refs: ['a.b/c:f1'], notes: [expect.stringMatching(/^not verified: f2, x\./)] },
      context,
    ],
    [
      'differs from tags: those of the step, with a note',
      'repo: a.b/c\ntags: x',
      {
        refs: ['a.b/c:x'],
        notes: [expect.stringMatching(/^not verified: f1, f2\. plugin-docker-buildx pushes them/)],
      },
      context,
    ],
    [
      'differs from tags, and pushed_by says how to read it',
      'repo: a.b/c\ntags: x\npushed_by: plugin-kaniko',
      { refs: ['a.b/c:x'] },
      context,
    ],
  ])
})

describe('tags_file', () => {
  const record = { tags: ['t1', 't2'] }
  expectPasted([
    ['replaces tags', 'repo: a.b/c\ntags: x\ntags_file: f', { refs: ['a.b/c:t1', 'a.b/c:t2'] }, { record }],
    [
      'adds to the tags of auto_tag',
      `repo: a.b/c\ntag_file: f\nauto_tag: true\n${buildx}`,
      { refs: ['a.b/c:latest', 'a.b/c:t1', 'a.b/c:t2'] },
      { record },
    ],
  ])
})

/** Measured by running each plugin with these settings and a stand-in for `docker` or the executor that prints its arguments. */
describe('auto_tag of plugin-docker-buildx', () => {
  const block = `repo: a.b/c\nauto_tag: true\ndockerfile: Dockerfile\nplatforms: linux/amd64\n`
  const on = (env: Record<string, string>, tags: string[], more = ''): PasteCase => [
    `${env.CI_COMMIT_REF} ${more.replaceAll('\n', ', ')}`,
    block + more,
    { refs: tags.map((tag) => `a.b/c:${tag}`) },
    { env },
  ]
  expectPasted([
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
    [
      'another branch',
      pushTo('feature'),
      /auto_tag gives no tag for feature, .* the default branch \(main\)/,
    ],
    [
      'a pull request',
      { ...pushTo('main'), CI_PIPELINE_EVENT: 'pull_request', CI_COMMIT_REF: 'refs/pull/3/head' },
      /auto_tag gives no tag for pull\/3\/head/,
    ],
  ])('%s: nothing was pushed, and that is not a problem', (_name, env, why) => {
    expect(paste(`${block}default_tag: latest`, { env })).toMatchObject({
      ...noComplaints,
      refs: [],
      skipReason: expect.stringMatching(why),
    })
  })

  test('images are verified anyway, with a note on what was not pushed', () => {
    expect(paste(`${block}default_tag: x\nimages: d.e/f:1`, { env: pushTo('feature') })).toMatchObject({
      ...noComplaints,
      refs: ['d.e/f:1'],
      notes: [expect.stringContaining('gives no tag for feature')],
    })
  })

  test.each(['release', 'app/v1.2.3', 'V1.2.3', 'v1.2.3rc1', 'v1.2.x'])('%s is not a version', (tag) => {
    const { problems } = paste(`${block}default_tag: latest`, { env: tagged(tag) })
    expect(problems).toEqual([
      `auto_tag: “${tag}” is not a version, so plugin-docker-buildx fails. Use a version as git tag, or list the tags`,
    ])
  })

  test('build metadata is not allowed in an image tag', () => {
    const { problems } = paste(block, { env: tagged('v1.2.3+b7') })
    expect(problems).toEqual([expect.stringMatching(/^auto_tag: is not a valid tag/)])
  })
})

describe('auto_tag of plugin-kaniko', () => {
  const block = `repo: c\nregistry: a.b\nauto-tag: true\n${kaniko}\n`
  const on = (env: Record<string, string>, tags: string[], more = ''): PasteCase => [
    `${env.CI_COMMIT_REF} ${more}`,
    block + more,
    { refs: tags.map((tag) => `a.b/c:${tag}`) },
    { env },
  ]
  expectPasted([
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

  test('is identified by the file .tags that it wrote', () => {
    const record = { dotTags: ['1', '1.2', '1.2.3', 'latest'] }
    const { refs, notes } = paste('repo: a.b/c\nauto_tag: true', { env: tagged('v1.2.3'), record })
    expect({ refs, notes }).toEqual({ refs: record.dotTags.map((tag) => `a.b/c:${tag}`), notes: [] })
  })
})

describe('auto_tag of wp-docker-buildx', () => {
  const block = 'repo: a.b/c\nauto_tag: true\ncontainerfile: Containerfile\n'
  const on = (env: Record<string, string>, tags: string[], more = ''): PasteCase => [
    `${env.CI_COMMIT_REF} ${more}`,
    block + more,
    { refs: tags.map((tag) => `a.b/c:${tag}`) },
    { env },
  ]
  expectPasted([
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

  test('fails on a tag that is not a complete version', () => {
    expect(paste(block, { env: tagged('v1.2') }).problems).toEqual([
      expect.stringContaining('not a version x.y.z'),
    ])
  })

  test('pushes nothing without tags', () => {
    expect(paste('repo: a.b/c\ncontainerfile: x')).toMatchObject({
      refs: [],
      skipReason: 'wp-docker-buildx pushes nothing without tags',
    })
  })
})

describe('auto_tag of an unknown plugin', () => {
  const block = 'repo: a.b/c\nauto_tag: true\n'
  const on = (env: Record<string, string>, tags: string[], notes: unknown[], more = ''): PasteCase => [
    `${env.CI_COMMIT_REF} ${more}`,
    block + more,
    { refs: tags.map((tag) => `a.b/c:${tag}`), notes: notes as string[] },
    { env },
  ]
  expectPasted([
    on(pushTo('main'), ['latest'], []),
    on(
      tagged('v1.2.3'),
      ['1', '1.2', '1.2.3'],
      [expect.stringMatching(/^not verified: latest\. plugin-docker-buildx or plugin-kaniko pushes it/)],
    ),
    on(tagged('v0.3.1'), ['0.3', '0.3.1'], [expect.stringMatching(/^not verified: latest, 0\./)]),
    on(tagged('v1.2.3'), ['foo'], [expect.stringMatching(/^not verified: 1, 1\.2, 1\.2\.3\./)], 'tags: foo'),
    on(tagged('release'), ['release', 'latest'], []),
    on(tagged('v1.2.3'), ['1', '1.2', '1.2.3', 'latest'], [], 'pushed_by: plugin-kaniko'),
  ])

  test('is a problem if the candidates share no tag and the step lists none', () => {
    const { problems } = paste(block, { env: tagged('1.2.3.4'), record: { dotTags: ['f1'] } })
    expect(problems).toEqual([
      'tags: depend on the build plugin: plugin-docker-buildx pushes 1, 1.2, 1.2.3, f1; plugin-kaniko pushes 1.2.3.4, latest. Set which one pushed',
    ])
  })

  test('on another branch verifies nothing, with a note on what one candidate would push', () => {
    expect(paste(block, { env: pushTo('feature') })).toMatchObject({
      ...noComplaints,
      refs: [],
      skipReason: expect.stringContaining('gives no tag for feature'),
      notes: ['plugin-kaniko would push latest. If plugin-kaniko was used, set “pushed_by: plugin-kaniko”.'],
    })
  })

  test('settings that no plugin has together identify none', () => {
    const mixed = `${block}containerfile: x\ndestinations: []\njson_key: ~\ncache: true`
    expect(paste(mixed, { env: pushTo('main') }).refs).toEqual(['a.b/c:latest'])
  })

  test('needs the commit and the default branch', () => {
    expect(paste(block, { env: {} }).problems).toEqual([expect.stringContaining('CI_COMMIT_REF')])
    expect(paste(block, { env: { CI_COMMIT_REF: 'refs/heads/main' } }).problems).toEqual([
      expect.stringContaining('CI_REPO_DEFAULT_BRANCH'),
    ])
    expect(paste(block, { env: { GITHUB_REF: 'refs/tags/v1.2.3' } }).refs).toHaveLength(3)
  })

  test('needs neither if every repo has its tag', () => {
    expect(paste('repo: a.b/c:3\nauto_tag: true', { env: {} })).toMatchObject({
      ...noComplaints,
      refs: ['a.b/c:3'],
    })
  })
})
