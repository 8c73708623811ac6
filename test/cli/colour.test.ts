import { describe, expect, test } from 'vitest'
import { wantsColour } from '../../src/cli/colour.ts'
import { ciPlatforms } from '../../src/core/platform.ts'
import { startRegistry } from '../../src/fake-registry/registry.ts'
import { runCli } from '../support/run-cli.ts'

const colour = '\u001b['

describe('whether the output has colours', () => {
  test.each([
    ['a terminal has them', {}, true, true],
    ['a pipe has none', {}, false, false],
    ['NO_COLOR turns them off', { NO_COLOR: '1' }, true, false],
    ['NO_COLOR counts whatever it says', { NO_COLOR: '0' }, true, false],
    ['an empty NO_COLOR counts for nothing', { NO_COLOR: '' }, true, true],
    ['FORCE_COLOR turns them on', { FORCE_COLOR: '1' }, false, true],
    ['FORCE_COLOR=true does, too', { FORCE_COLOR: 'true' }, false, true],
    ['FORCE_COLOR=0 turns them off', { FORCE_COLOR: '0' }, true, false],
    ['FORCE_COLOR=false turns them off', { FORCE_COLOR: 'false' }, true, false],
    ['an empty FORCE_COLOR counts for nothing', { FORCE_COLOR: '' }, false, false],
    ['NO_COLOR wins over FORCE_COLOR', { NO_COLOR: '1', FORCE_COLOR: '1' }, true, false],
  ])('%s', (_sentence, env, terminal, wanted) => {
    expect(wantsColour({ env, terminal }, 'plain')).toBe(wanted)
  })

  test.each(ciPlatforms.filter((platform) => platform !== 'plain'))('a log of %s has them', (platform) => {
    expect(wantsColour({ env: {}, terminal: false }, platform)).toBe(true)
    expect(wantsColour({ env: { NO_COLOR: '1' }, terminal: false }, platform)).toBe(false)
    expect(wantsColour({ env: { FORCE_COLOR: '0' }, terminal: false }, platform)).toBe(false)
  })
})

describe('NO_COLOR and FORCE_COLOR are obeyed by', () => {
  test.each([['help'], ['help', 'depth'], ['explain'], ['explain', 'orphaned-index'], ['demo']])(
    '%s %s',
    async (...args) => {
      const [plain, forced, refused] = await Promise.all([
        runCli(args),
        runCli(args, { env: { FORCE_COLOR: '1' } }),
        runCli(args, { env: { FORCE_COLOR: '1', NO_COLOR: '1' } }),
      ])
      expect(plain.stdout).not.toContain(colour)
      expect(forced.stdout).toContain(colour)
      expect(refused.stdout).not.toContain(colour)
    },
  )

  test('a verification, on every platform', async () => {
    const registry = await startRegistry({})
    const args = [`${registry.host}/team/app:1`]
    const [pipe, forced, log, refused] = await Promise.all([
      runCli(args),
      runCli(args, { env: { FORCE_COLOR: '1' } }),
      runCli(args, { env: { CI: 'woodpecker' } }),
      runCli(args, { env: { CI: 'woodpecker', NO_COLOR: '1' } }),
    ])
    await registry.close()
    expect(pipe.stdout).not.toContain(colour)
    expect(forced.stdout).toContain(colour)
    expect(log.stdout).toContain(colour)
    expect(refused.stdout).not.toContain(colour)
  })
})
