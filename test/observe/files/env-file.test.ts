import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { withEnvFile } from '../../../src/observe/files/env-file.ts'

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'regguard-env-'))
  await mkdir(join(directory, 'folder'))
})
afterAll(() => rm(directory, { recursive: true }))

async function file(name: string, content: string): Promise<string> {
  const path = join(directory, name)
  await writeFile(path, content)
  return path
}
const none = new Map<string, string>()

test('without the setting the environment is unchanged', async () => {
  const env = { PLUGIN_REPO: 'a.b/c', PLUGIN_ENV_FILE: '' }
  expect(await withEnvFile(env, none)).toEqual({ env })
})

describe('a file of settings', () => {
  const content = `# a comment
PLUGIN_TAGS=1.2,latest

export PLUGIN_USERNAME="ci user"
PLUGIN_PASSWORD='p#a$s"s'
PLUGIN_LOGINS='[{"registry":"a.b"}]'
NODE_OPTIONS=--require /tmp/x
PATH=/tmp
DOCKER_CONFIG=/tmp
`
  test('overrides the step, with PLUGIN_ names only', async () => {
    const env = {
      PATH: '/bin',
      PLUGIN_TAGS: 'old',
      PLUGIN_REPO: 'a.b/c',
      PLUGIN_ENV_FILE: await file('one.env', content),
    }
    expect(await withEnvFile(env, none)).toEqual({
      env: {
        ...env,
        PLUGIN_TAGS: '1.2,latest',
        PLUGIN_USERNAME: 'ci user',
        PLUGIN_PASSWORD: 'p#a$s"s',
        PLUGIN_LOGINS: '[{"registry":"a.b"}]',
      },
    })
  })

  test('is found by command line, PLUGIN_ and INPUT_, in this order', async () => {
    const [one, other] = [await file('a.env', 'PLUGIN_TAGS=a'), await file('b.env', 'PLUGIN_TAGS=b')]
    const tags = async (env: Record<string, string>, given = none) =>
      (await withEnvFile(env, given)).env.PLUGIN_TAGS
    expect(await tags({ 'INPUT_ENV-FILE': one })).toBe('a')
    expect(await tags({ INPUT_ENV_FILE: one, PLUGIN_ENV_FILE: other })).toBe('b')
    expect(await tags({ PLUGIN_ENV_FILE: one }, new Map([['env_file', other]]))).toBe('b')
  })
})

test.each([
  ['a missing file', 'none', 'does not exist in the workspace'],
  ['a directory', 'folder', 'cannot be read (EISDIR)'],
  ['a file without settings', 'empty.env', 'contains no line like PLUGIN_TAGS=1.2'],
  ['a file over 1 MiB', 'large.env', 'is larger than 1 MiB'],
])('%s is ignored with a warning', async (_what, name, why) => {
  await file('empty.env', 'FOO=bar\n')
  await file('large.env', 'x'.repeat(1024 * 1024 + 1))
  const path = join(directory, name)
  const env = { PLUGIN_ENV_FILE: path, PLUGIN_REPO: 'a.b/c' }
  expect(await withEnvFile(env, none)).toEqual({
    env,
    warning: `settings.env_file: “${path}” ${why}; the file is ignored`,
  })
})
