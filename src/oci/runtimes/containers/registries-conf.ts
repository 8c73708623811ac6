import { parse, TomlError } from 'smol-toml'
import * as z from 'zod'
import { type Endpoint, endpointWith, type ImageName } from '../legs.ts'
import { type ConfigProblem, firstLine } from '../problem.ts'

const mirrorSchema = z.object({
  location: z.string().default(''),
  insecure: z.boolean().default(false),
  'pull-from-mirror': z.string().default('all'),
})
const registrySchema = z.object({
  prefix: z.string().default(''),
  location: z.string().default(''),
  insecure: z.boolean().default(false),
  blocked: z.boolean().default(false),
  'mirror-by-digest-only': z.boolean().default(false),
  mirror: z.array(mirrorSchema).default([]),
})
const fileSchema = z.object({
  registry: z.array(registrySchema).default([]),
  'unqualified-search-registries': z.array(z.string()).default([]),
})

type Registry = z.output<typeof registrySchema> & { file: string }

/** What registries.conf and the files of registries.conf.d say together. */
export interface RegistriesConf {
  registries: Registry[]
  problems: ConfigProblem[]
}

const modes = ['all', 'digest-only', 'tag-only']

/**
 * Reads registries.conf, version 2, and its drop-ins in the order in which they are given (containers-registries.conf(5)). Of a
 * prefix that is there more than once the last file counts, and in a file the first entry.
 */
export function parseRegistriesConf(files: { file: string; text: string }[]): RegistriesConf {
  const problems: ConfigProblem[] = []
  const byPrefix = new Map<string, Registry>()
  for (const { file, text } of files)
    for (const [prefix, registry] of entriesOf(file, text, problems)) byPrefix.set(prefix, registry)
  return { registries: [...byPrefix.values()], problems }
}

function entriesOf(file: string, text: string, problems: ConfigProblem[]): Map<string, Registry> {
  const found = new Map<string, Registry>()
  let document: unknown
  try {
    document = parse(text)
  } catch (error) {
    const line = error instanceof TomlError ? { key: `line ${error.line}` } : {}
    problems.push({ file, ...line, message: `is not valid TOML: ${firstLine(error)}. Every pull fails` })
    return found
  }
  const parsed = fileSchema.safeParse(document)
  if (!parsed.success) {
    const key = parsed.error.issues[0]?.path.join('.') ?? ''
    problems.push({ file, key, message: 'has a value of the wrong type: every pull fails' })
    return found
  }
  for (const [at, registry] of parsed.data.registry.entries()) {
    const key = `registry[${at}]`
    const problem = registryProblem(registry)
    if (problem)
      problems.push({ file, key: `${key}.${problem.key}`, message: `${problem.message}: every pull fails` })
    const prefix = trimmed(registry.prefix || registry.location)
    if (found.has(prefix))
      problems.push({ file, key, message: `lists ${prefix} a second time, which is ignored` })
    else found.set(prefix, { ...registry, prefix, location: trimmed(registry.location), file })
  }
  return found
}

const trimmed = (location: string): string => location.replace(/\/+$/, '')

function registryProblem({
  prefix,
  location,
  mirror,
  'mirror-by-digest-only': digestOnly,
}: z.output<typeof registrySchema>): { key: string; message: string } | undefined {
  const scheme = [location, prefix, ...mirror.map((one) => one.location)].find((one) =>
    /^https?:\/\//.test(one),
  )
  if (scheme !== undefined)
    return { key: 'location', message: `“${scheme}” has a scheme, which is not supported` }
  if (location === '' && !prefix.startsWith('*.')) return { key: 'location', message: 'is missing' }
  if (mirror.some((one) => one.location === '')) return { key: 'mirror', message: 'has no location' }
  const mode = mirror.map((one) => one['pull-from-mirror']).find((one) => !modes.includes(one))
  if (mode !== undefined)
    return { key: 'mirror.pull-from-mirror', message: `is “${mode}”, not one of ${modes.join(', ')}` }
  return digestOnly && mirror.some((one) => one['pull-from-mirror'] !== 'all')
    ? { key: 'mirror-by-digest-only', message: 'and pull-from-mirror exclude each other' }
    : undefined
}

/** The endpoints of an image in order; none where its registry is blocked. */
export function containersEndpoints({ registries }: RegistriesConf, image: ImageName): Endpoint[] {
  const name = `${image.registry}/${image.repository}`
  const [found] = registries
    .filter(({ prefix }) => matchLength(name, prefix) !== undefined)
    .toSorted((a, b) => b.prefix.length - a.prefix.length)
  if (!found) return [endpointOf(name, image, 'registry', false)]
  if (found.blocked) return []
  const byDigest = image.reference.includes(':')
  const mirrors = found.mirror.filter(({ 'pull-from-mirror': mode }) => {
    if (found['mirror-by-digest-only']) return byDigest
    return mode === 'all' || (mode === 'digest-only') === byDigest
  })
  const rest = name.slice(matchLength(name, found.prefix))
  const { file } = found
  return [
    ...mirrors.map(({ location, insecure }) =>
      endpointOf(`${trimmed(location)}${rest}`, image, 'mirror', insecure, {
        file,
        key: `mirror ${location}`,
      }),
    ),
    endpointOf(found.location === '' ? name : `${found.location}${rest}`, image, 'registry', found.insecure, {
      file,
      key: `registry ${found.prefix}`,
    }),
  ]
}

/** How much of a name a prefix covers: whole parts of a path, or with `*.` any host below a domain. */
function matchLength(name: string, prefix: string): number | undefined {
  if (prefix.startsWith('*.')) {
    const [host = ''] = name.split('/')
    return host.replace(/:\d+$/, '').endsWith(prefix.slice(1)) ? host.length : undefined
  }
  const isWhole = name.length === prefix.length || '/:@'.includes(name.charAt(prefix.length))
  return name.startsWith(prefix) && isWhole ? prefix.length : undefined
}

function endpointOf(
  name: string,
  image: ImageName,
  role: Endpoint['role'],
  insecure: boolean,
  origin?: Endpoint['origin'],
): Endpoint {
  const slash = name.indexOf('/')
  const [host, repository] = [name.slice(0, slash), name.slice(slash + 1)]
  return endpointWith({
    role,
    host: host === 'docker.io' ? 'registry-1.docker.io' : host,
    skipVerify: insecure,
    ...(repository === image.repository ? {} : { repository }),
    ...(origin ? { origin } : {}),
  })
}
