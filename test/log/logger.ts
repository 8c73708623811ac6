import type { CiPlatform } from '../../src/core/platform.ts'
import { createCore } from '../../src/log/core.ts'
import type { Core, CoreOptions } from '../../src/log/core-types.ts'

export const PLATFORMS: readonly CiPlatform[] = ['plain', 'woodpecker', 'forgejo', 'gitea', 'github']

/** A logger that writes to memory. */
export type TestLogger = { core: Core; text(): string; lines(): string[]; files: Map<string, string> }

/** Creates a logger for a platform; `options` override the defaults. */
export function testLogger(platform: CiPlatform, options: Partial<CoreOptions> = {}): TestLogger {
  let written = ''
  const files = new Map<string, string>()
  const core = createCore({
    platform,
    level: 'info',
    colour: false,
    env: {},
    write(text) {
      written += text
    },
    appendFile(path, text) {
      files.set(path, (files.get(path) ?? '') + text)
    },
    ...options,
  })
  return { core, files, text: () => written, lines: () => written.split('\n').slice(0, -1) }
}
