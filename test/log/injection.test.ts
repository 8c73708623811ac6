import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { CiPlatform } from '../../src/core/platform.ts'
import type { Core } from '../../src/log/core.ts'
import { stripColour } from '../../src/log/text.ts'
import { hostileText } from './hostile.ts'
import { PLATFORMS, testLogger } from './logger.ts'
import { commandsIn } from './runner-grammar.ts'

type Case = {
  name: string
  log(core: Core, text: string): void
  commands: Partial<Record<CiPlatform, string>>
}

const everywhere = (name: string): Case['commands'] => ({ forgejo: name, gitea: name, github: name })

const CASES: Case[] = [
  { name: 'info', log: (core, text) => core.info(text), commands: {} },
  { name: 'debug', log: (core, text) => core.debug(text), commands: everywhere('debug') },
  { name: 'notice', log: (core, text) => core.notice(text), commands: { github: 'notice' } },
  {
    name: 'warning',
    log: (core, text) => core.warning(text, { title: text, file: text }),
    commands: { github: 'warning' },
  },
  {
    name: 'error',
    log: (core, text) => core.error(new Error(text), { title: text }),
    commands: { github: 'error' },
  },
  { name: 'setFailed', log: (core, text) => core.setFailed(text), commands: { github: 'error' } },
  { name: 'startGroup', log: (core, text) => core.startGroup(text), commands: everywhere('group') },
]

describe.each(PLATFORMS)('on %s, with any text', (platform) => {
  test.each(CASES)('$name writes only its own command', ({ log, commands }) => {
    const allowed = commands[platform]
    fc.assert(
      fc.property(hostileText(), fc.boolean(), (text, colour) => {
        const { core, lines } = testLogger(platform, { colour, level: 'debug' })
        log(core, text)
        expect(lines().length).toBeGreaterThan(0)
        for (const line of lines()) {
          const own = allowed !== undefined && line.startsWith(`::${allowed}`)
          if (own) expect(commandsReadIn(platform, line)).toEqual([allowed])
          else expect([...commandsIn(line), ...commandsIn(stripColour(line))]).toEqual([])
        }
      }),
      { numRuns: 500 },
    )
  })

  test.each(CASES)('$name writes no control characters except colour', ({ log }) => {
    fc.assert(
      fc.property(hostileText(), fc.boolean(), (text, colour) => {
        const { core, lines } = testLogger(platform, { colour, level: 'debug' })
        log(core, text)
        for (const line of lines()) {
          expect(colour ? stripColour(line) : line).not.toMatch(
            /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u,
          )
        }
      }),
    )
  })

  test('an inner group writes no other command', () => {
    fc.assert(
      fc.property(hostileText(), (text) => {
        const { core, lines } = testLogger(platform, { level: 'debug' })
        core.startGroup('outer')
        core.startGroup(text)
        const read = lines().slice(1).flatMap(commandsIn)
        expect(read).toEqual(platform === 'forgejo' ? ['group'] : [])
      }),
    )
  })
})

// GitHub splits its commands at the first `::`, so its annotations keep a `::` in their data, which the greedy
// grammar of Forgejo would misread; Forgejo never gets those.
function commandsReadIn(platform: CiPlatform, line: string): string[] {
  if (platform !== 'github') return commandsIn(line)
  const end = line.indexOf('::', 2)
  const name = line.slice(2, end).split(' ')[0] ?? ''
  return line.includes('##[') || line.includes('##vso[') ? [...commandsIn(line), name] : [name]
}
