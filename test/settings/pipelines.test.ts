import { describe, expect, test } from 'vitest'
import { referenceName } from '../../src/oci/reference.ts'
import { isInsecure, skipsTlsVerify } from '../../src/settings/plan/insecure.ts'
import { planTargets } from '../../src/settings/plan/plan.ts'
import { readSettings } from '../../src/settings/read.ts'
import { paste, tagged } from './paste.ts'
import { planOf, planProblems, plugin, settingsIn } from './settings.ts'

/** The plan of a step of an action with these inputs. */
function actionPlan(inputs: Record<string, string>) {
  const read = readSettings(inputs)
  return planTargets(read.value, { images: [] }, read.ok ? [] : read.problems, {
    given: read.given,
    empty: read.empty,
  })
}

const references = (given: Record<string, string>): string[] =>
  planOf(given).targets.map(({ reference }) => referenceName(reference))

const digest = `sha256:${'ab12'.repeat(16)}`

describe('tags that no image gets', () => {
  test.each<[string, Record<string, string>, RegExp]>([
    [
      'repo with another tag',
      { repo: 'a.b/c:1.2.2', tags: '1.2.3' },
      /^is not used: a\.b\/c:1\.2\.2 already has a tag/,
    ],
    ['images with another tag', { images: 'a.b/c:1.2.2', tags: '1.2.3' }, /already has a tag/],
    [
      'a digest',
      { repo: `a.b/c@${digest}`, tags: '1' },
      /^is not used: .* is named by its digest.*set expect_digest$/,
    ],
    [
      'a catalog',
      { catalog: 'true', registry: 'a.b', tags: '1' },
      /^is not used: catalog verifies every tag/,
    ],
  ])('are a problem: %s', (_what, given, message) => {
    expect(planProblems(given)).toMatchObject([{ setting: 'tags', message: expect.stringMatching(message) }])
  })

  test.each<[string, Record<string, string>]>([
    ['the same tag twice', { repo: 'a.b/c:1', tags: '1' }],
    ['one of several repositories takes them', { repo: 'a.b/c:1,a.b/d', tags: '2' }],
    ['destinations of kaniko, which ignores them', { destinations: 'a.b/c:1', repo: 'a.b/c', tags: '2' }],
  ])('are none: %s', (_what, given) => {
    expect(planProblems(given)).toEqual([])
  })
})

test('an expected digest that no image can have is a problem', () => {
  const other = `sha256:${'cd34'.repeat(16)}`
  expect(planProblems({ images: `a.b/c@${other}`, expect_digest: digest })).toMatchObject([
    {
      setting: 'expect_digest',
      message: expect.stringMatching(/^is not used: .* is named by its own digest$/),
    },
  ])
  expect(planProblems({ images: `a.b/c@${digest}`, expect_digest: digest })).toEqual([])
})

describe('whole references in tags, as docker/metadata-action gives them', () => {
  test('are verified as they are, and repo only names the repository', () => {
    const tags = 'ghcr.io/team/app:1.2\nghcr.io/team/app:latest'
    expect(references({ tags })).toEqual(['ghcr.io/team/app:1.2', 'ghcr.io/team/app:latest'])
    expect(references({ repo: 'ghcr.io/team/app', tags })).toEqual(references({ tags }))
  })

  test('may stand beside tags', () => {
    expect(references({ repo: 'a.b/c', tags: '1,d.e/f:2' })).toEqual(['a.b/c:1', 'd.e/f:2'])
  })
})

describe('an empty input of an action', () => {
  test('names itself where nothing else is to be verified', () => {
    expect(actionPlan({ INPUT_IMAGES: '', INPUT_TAGS: '' })).toMatchObject({
      problems: [
        {
          setting: 'repo',
          message: expect.stringMatching(/images, tags arrived empty\. .*check the id in \$\{\{ steps\.ID/),
        },
      ],
    })
  })

  test('does not stand for latest', () => {
    expect(actionPlan({ INPUT_REPO: 'a.b/c', INPUT_TAGS: '' })).toMatchObject({
      problems: [{ setting: 'tags', message: expect.stringMatching(/^arrived empty/) }],
    })
    expect(actionPlan({ INPUT_REPO: 'a.b/c', INPUT_TAGS: 'latest' }).ok).toBe(true)
    expect(actionPlan({ INPUT_REPO: 'a.b/c' }).ok).toBe(true)
  })
})

describe('a tag that cannot be one', () => {
  test.each([
    ['latest 1.2.3', /^separates tags with spaces/],
    ['-alpine', /^is not a valid tag: it begins with “-”, so a variable before it was probably empty$/],
    [
      '$' + '{CI_COMMIT_TAG}',
      /^contains \$\{CI_COMMIT_TAG\}, which was not replaced: CI_COMMIT_TAG is not set for this event/,
    ],
    ['v$VERSION', /^contains \$VERSION, which was not replaced/],
    ['$' + '{{ steps.meta.outputs.version }}', /^contains the expression steps\.meta\.outputs\.version/],
    ['a/b', /^is not a valid tag: use letters/],
  ])('%s is explained, once', (tag, message) => {
    expect(planProblems({ repo: 'a.b/c', tags: tag })).toMatchObject([
      { setting: 'tags', value: tag, message: expect.stringMatching(message) },
    ])
  })

  test('is explained in a reference, too', () => {
    expect(planProblems({ images: 'a.b/c:$' + '{VERSION}' })).toMatchObject([
      { setting: 'images', message: expect.stringMatching(/^contains \$\{VERSION\}/) },
    ])
  })

  test('an upper-case repository is answered with the lower-case form', () => {
    expect(planProblems({ repo: 'ghcr.io/Team/App' })[0]?.message).toMatch(/must be lower case: team\/app$/)
  })
})

describe('what pushes nothing is skipped', () => {
  test.each([{ push: 'false' }, { output: 'type=oci' }, { outputs: 'type=local,dest=out' }])(
    '%j',
    (given) => {
      expect(planOf({ repo: 'a.b/c', ...given }).skipReason).toMatch(/push/)
    },
  )

  test('no_push of plugins/docker is dry_run', () => {
    expect(settingsIn(plugin({ no_push: 'true' })).dry_run).toBe(true)
  })
})

describe('how the build step reaches the registry', () => {
  const toml = '[registry."h.example:5000"]\n  http = true\n[registry."t.example"]\n  insecure = true\n'

  test('is read from buildkit_config', () => {
    const settings = settingsIn(plugin({ buildkit_config: toml }))
    expect(['h.example:5000', 't.example'].map((host) => isInsecure(settings, host))).toEqual([true, false])
    expect(['h.example:5000', 't.example'].map((host) => skipsTlsVerify(settings, host))).toEqual([
      false,
      true,
    ])
  })

  test('is noted for the registries of the images', () => {
    expect(planOf({ repo: 'h.example:5000/a', buildkit_config: toml }).notes).toEqual([
      'plain HTTP is allowed to h.example:5000, because buildkit_config has http = true for it',
    ])
    expect(planOf({ repo: 'other.example/a', buildkit_config: toml }).notes).toEqual([])
  })

  test('is the scheme of registry', () => {
    const given = { repo: 'app', registry: 'http://h.example:5000' }
    expect(isInsecure(settingsIn(plugin(given)), 'h.example:5000')).toBe(true)
    expect(planOf(given).notes).toEqual([
      expect.stringMatching(/^plain HTTP is allowed to h\.example:5000, because registry/),
    ])
  })

  test('is a problem if it is no TOML', () => {
    const read = readSettings(plugin({ repo: 'a.b/c', buildkit_config: '[registry' }))
    expect(read.ok ? [] : read.problems).toMatchObject([
      { setting: 'buildkit_config', message: expect.stringMatching(/^is not a valid buildkitd\.toml: /) },
    ])
  })
})

describe("Drone's plugins", () => {
  test.each([
    ['v1.2.3', ['1', '1.2', '1.2.3']],
    ['v0.3.1', ['0.3', '0.3.1']],
    ['20.05.1', ['20', '20.05', '20.05.1']],
    ['v1.2.3-rc.1', ['1.2.3-rc.1']],
  ])('plugins/docker pushes %s as %j', (tag, tags) => {
    const { refs } = paste('repo: a.b/c\nauto_tag: true\ncustom_labels: x=y\ntags: ignored', {
      env: tagged(tag),
    })
    expect(refs).toEqual(tags.map((one) => `a.b/c:${one}`))
  })

  test('plugins/docker fails for a git tag that is no version', () => {
    const { problems } = paste('repo: a.b/c\nauto_tag: true\npushed_by: plugins/docker', {
      env: tagged('release'),
    })
    expect(problems).toEqual([
      expect.stringMatching(/“release” is not a version x\.y\.z, so plugins\/docker fails/),
    ])
  })

  test('plugins/kaniko expands versions', () => {
    const { refs } = paste('repo: a.b/c\ntags: [v1.2.3, edge]\nexpand_tag: true\nverbosity: debug')
    expect(refs).toEqual(['1', '1.2', '1.2.3', 'edge'].map((one) => `a.b/c:${one}`))
  })

  test('plugins/kaniko puts registry before repo only with expand_repo', () => {
    const step = 'repo: team/app\nregistry: ghcr.io\nno_push: false\nverbosity: info\n'
    expect(paste(`${step}expand_repo: true`).refs).toEqual(['ghcr.io/team/app:latest'])
    expect(paste(step).refs).toEqual(['docker.io/team/app:latest'])
  })

  test('settings of Woodpecker’s own pipeline are known', () => {
    expect(paste('repo: a.b/c\nbuildkit_oci_max_parallelism: 2').unknown).toEqual([])
  })
})

describe('a repo without a host, and a registry', () => {
  test('is on Docker Hub for a plugin that only logs in to the registry, and this is noted', () => {
    const { refs, notes } = paste(
      'repo: team/app\nregistry: ghcr.io\ndockerfile: Dockerfile\nplatforms: linux/amd64',
    )
    expect(refs).toEqual(['docker.io/team/app:latest'])
    expect(notes).toEqual([
      expect.stringMatching(
        /pushes “team\/app” to Docker Hub, and only logs in to ghcr\.io\. .* write repo: ghcr\.io\/team\/app$/,
      ),
    ])
  })

  test('is in the registry for plugin-kaniko, and without settings of a build', () => {
    expect(paste('repo: team/app\nregistry: ghcr.io\ncache_repo: x').refs).toEqual([
      'ghcr.io/team/app:latest',
    ])
    expect(paste('repo: team/app\nregistry: ghcr.io\nplatforms: linux/amd64').refs).toEqual([
      'ghcr.io/team/app:latest',
    ])
  })
})
