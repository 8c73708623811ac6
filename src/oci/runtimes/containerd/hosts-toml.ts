import { parse, TomlError } from 'smol-toml'
import * as z from 'zod'
import { type Endpoint, joinPath, partsOf } from '../legs.ts'
import { type ConfigProblem, firstLine, type IgnoredConfig } from '../problem.ts'

/** The major version of containerd: the two read hosts.toml by different rules. */
export type ContainerdMajor = 1 | 2

/** What containerd makes of a hosts.toml. */
export type HostsToml =
  /** The last endpoint is the registry; without `server` its host is empty. */
  | { used: true; endpoints: Endpoint[]; problems: ConfigProblem[] }
  /** It logs “failed to decode hosts.toml” and goes on as if there were no such file. */
  | { used: false; problem: IgnoredConfig }

const strings = z.union([z.string().transform((one) => [one]), z.array(z.string())])
const pair = z.union([z.string().transform((cert) => [cert]), z.array(z.string()).length(2)])
const hostSchema = z.object({
  capabilities: z.array(z.string()).default([]),
  ca: strings.default([]),
  client: z.union([z.string().transform((cert) => [[cert]]), z.array(pair)]).default([]),
  skip_verify: z.boolean().default(false),
  header: z.record(z.string(), strings).default({}),
  override_path: z.boolean().default(false),
  dial_timeout: z.unknown().optional(),
})
const fileSchema = hostSchema.extend({
  server: z.string().default(''),
  host: z.record(z.string(), hostSchema).optional(),
})
type HostSection = z.output<typeof hostSchema>

const capabilities: Record<ContainerdMajor, string[]> = {
  1: ['pull', 'resolve', 'push'],
  2: ['pull', 'resolve', 'push', 'referrers'],
}

/** Reads a hosts.toml as that version of containerd does (remotes/docker/config/hosts.go). `file` is its path. */
export function parseHostsToml(text: string, file: string, major: ContainerdMajor): HostsToml {
  const ignored = (message: string, key?: string, invalid = false): HostsToml => ({
    used: false,
    problem: { file, message, invalid, ...(key === undefined ? {} : { key }) },
  })
  let document: unknown
  try {
    document = parse(text)
  } catch (error) {
    const twice = repeatedHeader(text)
    if (twice !== undefined)
      return ignored('is there twice, which TOML does not allow', `host."${twice}"`, true)
    return ignored(`is not valid TOML: ${firstLine(error)}`, lineOf(error), true)
  }
  const parsed = fileSchema.safeParse(document)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    return ignored(`has a value of the wrong type`, (issue?.path ?? []).map(String).join('.'))
  }
  const { server, host: hosts, ...root } = parsed.data
  if (!hosts && major === 1)
    return ignored('has no [host."…"] section, without which containerd 1.x ignores the whole file')
  const names = major === 1 ? Object.keys(hosts ?? {}) : headerNames(text)
  const sections = [
    ...names.map((name) => ({ name, key: `host."${name}"`, section: hosts?.[name] ?? hostSchema.parse({}) })),
    { name: server, key: server === '' ? '' : 'server', section: root },
  ]
  for (const { key, section } of sections) {
    const unknown = section.capabilities.find((one) => !capabilities[major].includes(one.toLowerCase()))
    const at = [key, 'capabilities'].filter((part) => part !== '' && part !== 'server').join('.')
    if (unknown !== undefined) return ignored(`has the unknown capability “${unknown}”`, at)
    if (major === 2 && !isDuration(section.dial_timeout ?? ''))
      return ignored('is not a duration such as 5s', at.replace(/capabilities$/, 'dial_timeout'))
  }
  const endpoints = sections.map(({ name, key, section }, at) =>
    endpointOf(name, section, file, key, at === sections.length - 1 ? 'registry' : 'mirror'),
  )
  return { used: true, endpoints, problems: problemsIn(file, names, Object.keys(hosts ?? {})) }
}

/** By the rules of Go's time.ParseDuration, which containerd 1.x does not need: it does not know the key. */
const isDuration = (value: unknown): boolean =>
  typeof value === 'string' &&
  /^(?:|[-+]?(?:0|(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|\u00b5s|\u03bcs|ms|s|m|h))+))$/.test(value)

/**
 * The names of the sections in the order of their headers. containerd 2.x reads nothing else: a host that is written as an inline
 * table does not count, and one whose sections do not stand together counts twice.
 */
function headerNames(text: string): string[] {
  const header =
    /^[ \t]*\[[ \t]*host[ \t]*\.[ \t]*(?:"((?:[^"\\\n]|\\.)*)"|'([^'\n]*)'|([A-Za-z0-9_-]+))[ \t]*[\].]/gm
  const names: string[] = []
  for (const [, basic, literal, bare] of text.matchAll(header)) {
    const name = basic ?? literal ?? bare ?? ''
    if (names.at(-1) !== name) names.push(name)
  }
  return names
}

/** The first host whose section is there twice. */
function repeatedHeader(text: string): string | undefined {
  const whole = /^[ \t]*\[[ \t]*host[ \t]*\.[ \t]*["']([^"'\n]*)["'][ \t]*\]/gm
  const names = [...text.matchAll(whole)].map(([, name]) => name)
  return names.find((name, at) => names.indexOf(name) !== at)
}

function problemsIn(file: string, names: string[], written: string[]): ConfigProblem[] {
  const repeated = new Set(names.filter((name, at) => names.indexOf(name) !== at))
  return [
    ...[...repeated].map((name) => ({
      ...{ file, key: `host."${name}"` },
      message: 'is split: other hosts stand between its sections, so containerd 2.x asks it more than once',
    })),
    ...written
      .filter((name) => !names.includes(name))
      .map((name) => ({
        ...{ file, key: `host."${name}"` },
        message: 'is not written as a [host."…"] section, so containerd 2.x ignores it',
      })),
  ]
}

function endpointOf(
  name: string,
  section: HostSection,
  file: string,
  key: string,
  role: Endpoint['role'],
): Endpoint {
  const url = name === '' || name.startsWith('http') ? name : `https://${name}`
  const { protocol, host, path } = partsOf(url)
  const all = section.capabilities.length === 0
  const can = (capability: string) =>
    all || section.capabilities.some((one) => one.toLowerCase() === capability)
  const folder = file.slice(0, file.lastIndexOf('/'))
  const inFolder = (path: string) => (path.startsWith('/') ? path : joinPath(folder, path))
  return {
    role,
    scheme: protocol === 'http' ? 'http' : 'https',
    host,
    path: apiPath(path, section.override_path),
    ...{ resolves: can('resolve'), pulls: can('pull'), skipVerify: section.skip_verify },
    authorities: section.ca.map(inFolder),
    clientPairs: section.client.map(([cert = '', own]) => ({
      cert: inFolder(cert),
      ...(own === undefined ? {} : { key: inFolder(own) }),
    })),
    headers: section.header,
    ...(key === '' ? {} : { origin: { file, key } }),
  }
}

/** `/v2` is appended to the path of a URL unless it ends in it, or `override_path` is set. */
function apiPath(path: string, override: boolean): string {
  const clean = joinPath(path)
  if (override) return clean
  return clean.endsWith('/v2') ? clean : joinPath(clean, 'v2')
}

const lineOf = (error: unknown): string | undefined =>
  error instanceof TomlError ? `line ${error.line}` : undefined
