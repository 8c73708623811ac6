import type { Env } from '../sources.ts'

/**
 * A warning for a Woodpecker step that has both `environment:` and `settings:`. Woodpecker still passes the settings, but no
 * longer treats such a step as a plugin (`CI_STEP_TYPE`, since 3.15): plugin-only secrets and the privileges of plugins are
 * withheld.
 */
export function stepWarning(env: Env): string | undefined {
  const settings = Object.keys(env).some((name) => name.startsWith('PLUGIN_'))
  if (env.CI !== 'woodpecker' || !env.CI_STEP_TYPE || env.CI_STEP_TYPE === 'plugin' || !settings)
    return undefined
  return [
    'this step has both “environment:” and “settings:”, so Woodpecker does not run it as a plugin and withholds secrets that are limited to plugins. Remove “environment:” and use only settings:',
    `  - name: ${env.CI_STEP_NAME ?? 'verify'}`,
    '    image: regguard-plugin',
    '    settings:',
    '      repo: registry.example.com/team/app',
  ].join('\n')
}
