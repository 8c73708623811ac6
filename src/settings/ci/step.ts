import type { Env } from '../sources.ts'

/**
 * What to say of a Woodpecker step that has `environment:` beside `settings:`. Woodpecker passes the settings on, but
 * such a step is no plugin to it any more (`CI_STEP_TYPE`, from 3.15 on): secrets that are limited to plugins and the
 * privileges of plugins are gone.
 */
export function stepWarning(env: Env): string | undefined {
  const settings = Object.keys(env).some((name) => name.startsWith('PLUGIN_'))
  if (env.CI !== 'woodpecker' || !env.CI_STEP_TYPE || env.CI_STEP_TYPE === 'plugin' || !settings)
    return undefined
  return [
    'this step has “environment:” beside “settings:”, and so is no plugin for Woodpecker: secrets that are limited to plugins do not reach it. Take “environment:” out; what regguard needs goes under settings:',
    `  - name: ${env.CI_STEP_NAME ?? 'verify'}`,
    '    image: regguard-plugin',
    '    settings:',
    '      repo: registry.example.com/team/app',
  ].join('\n')
}
