import { expect, test, vi } from 'vitest'
import { checks } from '../../src/checks/index.ts'
import { useRegistries } from '../observe/kit.ts'
import { runCli } from '../support/run-cli.ts'
import { pushIndex, toldBy, verifyApp } from './told.ts'

const start = useRegistries()

test.each([
  ['PLUGIN_METADATA_FILE', '/nowhere/metadata.json'],
  ['PLUGIN_TAGS_FILE', '/nowhere/tags'],
  ['PLUGIN_DOCKER_CONFIG', '/nowhere/config.json'],
  ['PLUGIN_CA_FILE', '/nowhere/ca.pem'],
])(
  'a file of %s that cannot be read is a mistake in the settings, and nothing is said of the image',
  async (name, path) => {
    const registry = await start()
    pushIndex(registry)
    const run = await runCli([], {
      env: { PLUGIN_REPO: `${registry.host}/app`, PLUGIN_TAGS: '1', [name]: path },
    })
    expect(run.exitCode).toBe(2)
    expect(run.stdout).toContain('nothing was verified')
    expect(run.stdout).not.toMatch(/FAILED|PASSED/)
    expect(registry.requests).toEqual([])
  },
)

test('a check that fails itself leaves the image unchecked, apart from all findings', async () => {
  const registry = await start()
  pushIndex(registry)
  const check = checks.find(({ id }) => id === 'layer-missing')
  if (!check) throw new Error('the check has another name')
  const crash = vi.spyOn(check, 'run').mockImplementation(() => {
    throw new Error('a mistake of ours')
  })
  try {
    const report = await verifyApp(registry)
    expect(toldBy(report)).toEqual([3, {}])
    expect(report.status).toBe('unknown')
    expect(report.crashes.join()).toContain('layer-missing')
    expect(report.groups.find(({ group }) => group === 'image')?.status).toBe('unknown')
  } finally {
    crash.mockRestore()
  }
})

test('an error that nobody caught says that it says nothing of the image', async () => {
  const registry = await start()
  pushIndex(registry)
  registry.faults.add({}, { hang: true })
  const throws = 'setTimeout(() => { throw new Error("a mistake of ours") }, 500)'
  const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(throws)}` }
  const run = await runCli([`${registry.host}/app:1`], { env })
  expect(run.exitCode).toBe(3)
  expect(run.stdout).toContain('regguard failed itself; this says nothing of the image')
  expect(run.stdout).toContain('a mistake of ours')
  expect(run.stdout).not.toMatch(/FAILED|PASSED/)
})
