import type { SettingName } from './schema.ts'

/** The settings that most steps need. `--help` and the settings tables list them first. */
export const commonSettings: ReadonlySet<SettingName> = new Set<SettingName>([
  'repo',
  'tags',
  'images',
  'registry',
  'username',
  'password',
  'docker_config',
  'platforms',
  'expect_digest',
  'metadata_file',
  'depth',
  'checks',
  'require',
  'fail_on',
  'settle',
])
