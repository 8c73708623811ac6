import { expect, test, vi } from 'vitest'
import { checks } from '../../src/checks/index.ts'
import { useRegistries } from '../observe/kit.ts'
import { runCli } from '../support/run-cli.ts'
import { outcomeOf, pushIndex, verifyApp } from './fixtures.ts'

const start = useRegistries()

test.each([
  ['PLUGIN_METADATA_FILE', '/nowhere/metadata.json'],
  ['PLUGIN_TAGS_FILE', '/nowhere/tags'],
  ['PLUGIN_DOCKER_CONFIG', '/nowhere/config.json'],
  ['PLUGIN_CA_FILE', '/nowhere/ca.pem'],
])('an unreadable file in %s is a settings error, and the image is not judged', async (name, path) => {
  const registry = await start()
  pushIndex(registry)
  const run = await runCli([], {
    env: { PLUGIN_REPO: `${registry.host}/app`, PLUGIN_TAGS: '1', [name]: path },
  })
  expect(run.exitCode).toBe(2)
  expect(run.stdout).toContain('nothing was verified')
  expect(run.stdout).not.toMatch(/FAILED|PASSED/)
  expect(registry.requests).toEqual([])
})

test('a check that throws leaves the image unknown, without a finding', async () => {
  const registry = await start()
  pushIndex(registry)
  const check = checks.find(({ id }) => id === 'layer-missing')
  if (!check) throw new Error('no such check')
  const crash = vi.spyOn(check, 'run').mockImplementation(() => {
    throw new Error('our own error')
  })
  try {
    const report = await verifyApp(registry)
    expect(outcomeOf(report)).toEqual([3, {}])
    expect(report.status).toBe('unknown')
    expect(report.crashes.join()).toContain('layer-missing')
    expect(report.groups.find(({ group }) => group === 'image')?.status).toBe('unknown')
  } finally {
    crash.mockRestore()
  }
})

test('an uncaught error is reported as a crash, and the image is not judged', async () => {
  const registry = await start()
  pushIndex(registry)
  const hanging = registry.faults.add({}, { hang: true })
  const throws = 'process.on("SIGUSR2", () => { throw new Error("our own error") })'
  const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(throws)}` }
  const kill = { when: () => hanging.hits > 0, signal: 'SIGUSR2' } as const
  const run = await runCli([`${registry.host}/app:1`], { env, kill })
  expect(run.exitCode).toBe(3)
  expect(run.stdout).toContain('regguard crashed; nothing was judged. Please report it:')
  expect(run.stdout).toContain('our own error')
  expect(run.stdout).not.toMatch(/FAILED|PASSED/)
})
