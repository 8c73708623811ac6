import { createConsola } from 'consola/core'
import { addMaskLines } from './add-mask.ts'
import { toCommandValue } from './commands.ts'
import type { Core, CoreOptions } from './core-types.ts'
import { appendKeyValue } from './file-commands.ts'
import { createGroups } from './groups.ts'
import { createMask, type Mask } from './mask.ts'
import { createReporter } from './reporter.ts'
import { createSummary } from './summary.ts'
import { stripColour } from './text.ts'
import type { AnnotationProperties, LogLevel, LogRecord } from './types.ts'

export type { Core, CoreOptions } from './core-types.ts'

const LEVELS: Readonly<Record<LogLevel, number>> = {
  silent: Number.NEGATIVE_INFINITY,
  error: 0,
  warn: 1,
  info: 3,
  debug: 4,
}

// consola holds back repeated lines and prints them a second later. throttle -1 turns that off, unless the clock goes
// back between two lines; for that case the minimum count is infinite.
const NEVER_THROTTLED = { throttle: -1, throttleMin: Number.POSITIVE_INFINITY }

/** Creates a logger with the interface of @actions/core. */
export function createCore(options: CoreOptions): Core {
  const { platform, colour, env, write, appendFile } = options
  const mask = options.mask ?? createMask()
  const isDebug = (): boolean => env.RUNNER_DEBUG === '1' || options.level === 'debug'
  const log = createConsola({
    level: options.level !== 'silent' && isDebug() ? LEVELS.debug : LEVELS[options.level],
    reporters: [createReporter(platform, { mask, colour }, write)],
    ...NEVER_THROTTLED,
  })
  const groups = createGroups((record) => log.info({ args: [record] }))
  let exitCode = 0
  const announced = new Set<string>()

  const debug = (text: string): void => log.debug({ args: [{ kind: 'debug', text } satisfies LogRecord] })
  const info = (text: string): void => log.info({ args: [{ kind: 'info', text } satisfies LogRecord] })
  const annotate =
    (kind: 'notice' | 'warning' | 'error', write: (logged: { args: LogRecord[] }) => void) =>
    (message: string | Error, properties: AnnotationProperties = {}): void =>
      write({ args: [{ kind, text: String(message), properties }] })
  const error = annotate('error', log.error)

  return {
    debug,
    info,
    notice: annotate('notice', log.info),
    warning: annotate('warning', log.warn),
    error,
    ...groups,
    setFailed(message) {
      exitCode = 1
      error(message)
    },
    get exitCode() {
      return exitCode
    },
    setSecret(secret) {
      mask.add(secret)
      for (const line of addMaskLines(secret, platform)) {
        if (!announced.has(line)) write(`${line}\n`)
        announced.add(line)
      }
    },
    forgetSecret(secret) {
      mask.remove(secret)
      for (const line of addMaskLines(secret, platform)) announced.delete(line)
    },
    setOutput(name, value) {
      const path = env.FORGEJO_OUTPUT || env.GITHUB_OUTPUT || env.GITEA_OUTPUT
      if (!path) return debug(`No output file: ${name} is not set.`)
      appendKeyValue({ path, appendFile }, name, hideIn(value, mask))
    },
    isDebug,
    summary: createSummary({
      mask,
      save(text, overwrite) {
        const path = env.GITHUB_STEP_SUMMARY || env.FORGEJO_STEP_SUMMARY
        if (!path) return debug('No step summary file: the summary is not written.')
        if (!overwrite) return appendFile(path, text)
        if (!options.writeFile) throw new Error('Overwriting a summary needs writeFile.')
        options.writeFile(path, text)
      },
    }),
  }
}

// Masked before JSON.stringify, which would escape a colour sequence inside a secret and hide the secret from the mask.
function hideIn(value: unknown, mask: Mask): string {
  const hide = (inner: unknown): unknown =>
    typeof inner === 'string' ? mask.apply(stripColour(inner)) : inner
  const hidden =
    typeof value === 'object' && value ? JSON.stringify(value, (_, inner) => hide(inner)) : hide(value)
  return mask.apply(toCommandValue(hidden))
}
