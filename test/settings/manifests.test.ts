import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { actionYml, pluginYml, settingsSchema } from '../../scripts/manifests.ts'
import { settingRows } from '../../scripts/settings-table.ts'
import { settingFor } from '../../src/settings/names.ts'
import { settingNames } from '../../src/settings/schema.ts'

const editor = z.fromJSONSchema(settingsSchema() as Parameters<typeof z.fromJSONSchema>[0])
const accepts = (yaml: string): boolean => editor.safeParse(parse(yaml)).success

describe('the JSON schema of the settings block', () => {
  test.each([
    'repo: a.b/c\ntags: [latest, "1.2"]\nplatforms: linux/amd64,linux/arm64',
    'repo: [a.b/c]\npassword:\n  from_secret: token\ntimeout: 30s\nconcurrency: 8',
    'dry-run: true\nskip-tls-verify: false\nauto-tag: true\nbuild-args: [A=b]\nbuildkit_config: "x"',
    'logins:\n  - registry: a.b\n    username: u\n    password: { from_secret: token }',
    'depth: full\nfail_on: warning\nchecks: [image, runner]\nlog_level: $' + '{LEVEL}',
    'expect_digest: $' + '{EXPECT_DIGEST}',
    'mirror: https://mirror.gcr.io',
    'insecure-registry: registry.local:5000',
  ])('accepts %j', (yaml) => {
    expect(accepts(yaml)).toBe(true)
  })

  test.each([
    'tgas: latest',
    'depth: deep',
    'checks: [images]',
    'password: { secret: token }',
    'insecure: [a]',
    'pushed_by: kaniko',
  ])('rejects %j', (yaml) => {
    expect(accepts(yaml)).toBe(false)
  })
})

test('plugin.yml lists type, default, secrecy, aliases, values and text of every setting', () => {
  const manifest: Record<string, Record<string, unknown>> = parse(pluginYml()).settings
  expect(Object.keys(manifest)).toEqual(settingNames)
  for (const row of settingRows) {
    const setting = manifest[row.name] ?? {}
    expect(setting).toMatchObject({ type: row.kind, required: false, description: row.text })
    expect(setting.default).toBe(row.initial)
    expect(setting.secret ?? false).toBe(row.secret)
    expect(setting.aliases ?? []).toEqual(row.aliases)
    expect(setting.enum ?? []).toEqual(row.values)
    for (const alias of row.aliases) expect(settingFor(alias)).toBe(row.name)
  }
  expect(['password', 'logins', 'docker_config', 'json_key'].every((name) => manifest[name]?.secret)).toBe(
    true,
  )
})

test('action.yml has every setting as an input, named without dashes, and the outputs', () => {
  const action = parse(actionYml())
  expect(Object.keys(action.inputs)).toEqual(settingNames)
  for (const name of settingNames) expect(name).toMatch(/^[a-z][a-z0-9_]*$/)
  expect(Object.keys(action.outputs)).toEqual([
    'verdict',
    'digest',
    'page',
    'report',
    'junit',
    'summary',
    'metrics',
  ])
})
