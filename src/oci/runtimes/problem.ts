/** A mistake in a configuration file. */
export interface ConfigProblem {
  file: string
  /** The key or line that is wrong. */
  key?: string
  message: string
}

/** Why a file is not used at all. `invalid`: it is not even TOML, or YAML, or JSON. */
export type IgnoredConfig = ConfigProblem & { invalid: boolean }

/** The first line of the message of a parser. */
export const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error))
    .split('\n')[0]
    ?.replace(/^Invalid TOML document: /, '') ?? ''
