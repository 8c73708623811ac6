import { parse } from 'yaml'

/** What the `settings:` of a step are compiled with. */
export interface Compile {
  /** Values by the name in `from_secret`. */
  secrets?: Record<string, string>
  /** Values of `${NAME}` in the YAML; any other name is empty. */
  variables?: Record<string, string>
}

/**
 * The environment that Woodpecker compiles from a `settings:` block: `${NAME}` is substituted before the YAML is parsed; keys
 * become PLUGIN_NAME; lists of scalars are joined with commas without escaping; lists with maps, and maps, become JSON with
 * sorted keys; null is omitted; `from_secret` is replaced at any depth, and a missing secret is an error
 * (pipeline/frontend/yaml/compiler/settings/params.go and its tests).
 */
export function compileSettings(
  yaml: string,
  { secrets = {}, variables = {} }: Compile = {},
): Record<string, string> {
  const substituted = yaml.replaceAll(/\$\{(\w+)\}/g, (_, name: string) => variables[name] ?? '')
  const settings: unknown = parse(substituted)
  if (!isMap(settings)) throw new Error('settings are a map')
  const found: Record<string, string> = {}
  for (const [key, value] of Object.entries(settings)) {
    const text = settingText(withSecrets(value, secrets))
    if (text !== undefined) found[`PLUGIN_${key.toUpperCase().replace(/[-.]/g, '_')}`] = text
  }
  return found
}

function withSecrets(value: unknown, secrets: Record<string, string>): unknown {
  if (Array.isArray(value)) return value.map((item) => withSecrets(item, secrets))
  if (!isMap(value)) return value
  const { from_secret: name, ...rest } = value
  if (typeof name === 'string' && Object.keys(rest).length === 0) {
    const secret = new Map(Object.entries(secrets)).get(name.toLowerCase())
    if (secret === undefined) throw new Error(`secret "${name}" not found`)
    return secret
  }
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withSecrets(inner, secrets)]))
}

function settingText(value: unknown): string | undefined {
  if (value === null || value === undefined) return undefined
  if (Array.isArray(value)) {
    const scalars = value.every((item) => item === null || typeof item !== 'object')
    return scalars ? value.map((item) => scalarText(item)).join(',') : JSON.stringify(sorted(value))
  }
  return typeof value === 'object' ? JSON.stringify(sorted(value)) : scalarText(value)
}

const scalarText = (value: unknown): string => (value === null || value === undefined ? '' : String(value))

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (!isMap(value)) return value
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]))
}

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
