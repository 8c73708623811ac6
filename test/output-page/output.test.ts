import { readFileSync, writeFileSync } from 'node:fs'
import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import { startRegistry } from '../../src/fake-registry/registry.ts'
import { runCli } from '../support/run-cli.ts'
import { setScenes } from './scenes.ts'

const page = new URL('../../docs/output.md', import.meta.url)

/** What each platform gives a step, beside its settings. */
const environments: Record<string, { prefix: string; env: Record<string, string> }> = {
  Woodpecker: {
    prefix: 'PLUGIN_',
    env: {
      CI: 'woodpecker',
      CI_PIPELINE_EVENT: 'push',
      CI_PIPELINE_NUMBER: '366',
      CI_PIPELINE_URL: 'https://ci.example.com/repos/7/pipeline/366',
    },
  },
  'Forgejo Actions': { prefix: 'INPUT_', env: { ...actions('12'), FORGEJO_ACTIONS: 'true' } },
  'Gitea Actions': { prefix: 'INPUT_', env: { ...actions('12'), GITEA_ACTIONS: 'true' } },
  'GitHub Actions': { prefix: 'INPUT_', env: actions('12') },
}

function actions(run: string): Record<string, string> {
  return {
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    GITHUB_EVENT_NAME: 'push',
    GITHUB_SERVER_URL: 'https://git.example.com',
    GITHUB_REPOSITORY: 'team/app',
    GITHUB_RUN_ID: run,
    GITHUB_RUN_NUMBER: run,
  }
}

test('docs/output.md shows what the program prints, on every platform (UPDATE_GOLDEN=1 writes it)', async () => {
  const registry = await startRegistry({
    auth: { kind: 'bearer', users: { ci: 'hunter2hunter2' } },
  })
  try {
    const parts = [heading]
    for (const { title, story, settings } of setScenes(registry)) {
      parts.push(`## ${title}`, story)
      for (const [name, { prefix, env }] of Object.entries(environments)) {
        const given = Object.entries(settings).map(([key, value]) => [`${prefix}${key.toUpperCase()}`, value])
        const run = await runCli([], { env: { ...env, ...Object.fromEntries(given) }, snapshot: true })
        const printed = tidy(run.stdout, registry.host)
        parts.push(`### ${name}`, `\`\`\`text\n${printed}\n\`\`\``)
        expect(run.stderr).toBe('')
        expect(printed).toContain(`exit ${run.exitCode}`)
      }
    }
    const text = `${parts.join('\n\n')}\n`
    if (process.env.UPDATE_GOLDEN === '1') writeFileSync(page, text)
    expect(text).toBe(readFileSync(page, 'utf8'))
  } finally {
    await registry.close()
  }
  // It runs every scene on every platform.
}, 180_000)

const heading = `# Example output

Real output of each kind of run on each platform. A test runs every step again and compares. The registry is the one that
\`regguard-plugin demo\` starts; its address is shown as \`registry.example.com\`, durations as \`0.1 s\`. Colours and the \`::add-mask::\`
lines that runners remove are left out, and so is the runner group (\`checks: image,registry,path\`), which depends on the machine:
see [vantage.md](vantage.md).`

/** The address and the times differ from run to run; nothing else may. */
function tidy(text: string, host: string): string {
  return stripVTControlCharacters(text)
    .replaceAll(/^::add-mask::.*\n/gm, '')
    .replaceAll(host, 'registry.example.com')
    .replaceAll(host.replace(/:\d+$/, ''), '10.0.20.203')
    .replaceAll(/\b\d+(\.\d+)? m?s\b/g, '0.1 s')
    .trimEnd()
}
