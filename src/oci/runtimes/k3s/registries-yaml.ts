import { parse } from 'yaml'
import * as z from 'zod'
import { registryEndpoint } from '../containerd/certs-d.ts'
import { type Endpoint, endpointWith, type ImageName, joinPath, partsOf } from '../legs.ts'
import { type ConfigProblem, firstLine } from '../problem.ts'

const mirrorSchema = z.object({
  endpoint: z.array(z.string()).nullish(),
  rewrite: z.record(z.string(), z.string()).nullish(),
})
const configSchema = z.object({
  tls: z
    .object({
      ca_file: z.string().nullish(),
      cert_file: z.string().nullish(),
      key_file: z.string().nullish(),
      insecure_skip_verify: z.boolean().nullish(),
    })
    .nullish(),
})
const schema = z
  .object({
    mirrors: z.record(z.string(), mirrorSchema.nullable()).nullish(),
    configs: z.record(z.string(), configSchema.nullable()).nullish(),
  })
  .nullable()

/** The registries.yaml of k3s or RKE2. */
export interface RegistriesYaml {
  mirrors: Record<string, z.output<typeof mirrorSchema> | null>
  configs: Record<string, z.output<typeof configSchema> | null>
  file: string
  problems: ConfigProblem[]
}

/** Reads a registries.yaml. k3s and RKE2 write a hosts.toml for each registry from it when they start. */
export function parseRegistriesYaml(text: string, file: string): RegistriesYaml {
  const invalid = (message: string, key = ''): RegistriesYaml => ({
    ...{ mirrors: {}, configs: {}, file },
    problems: [{ file, ...(key === '' ? {} : { key }), message: `${message}: k3s does not start with it` }],
  })
  let document: unknown
  try {
    document = parse(text)
  } catch (error) {
    return invalid(`is not valid YAML (${firstLine(error)})`)
  }
  const parsed = schema.safeParse(document ?? null)
  if (!parsed.success) return invalid('has a value of the wrong type', parsed.error.issues[0]?.path.join('.'))
  const { mirrors, configs } = parsed.data ?? {}
  const problems = Object.entries(mirrors ?? {}).flatMap(([host, mirror]) => {
    const endpoints = mirror?.endpoint ?? []
    const repeated = endpoints.find((one, at) => endpoints.indexOf(one) !== at)
    const key = `mirrors."${host}".endpoint`
    return repeated === undefined
      ? []
      : [{ file, key, message: `lists “${repeated}” twice; k3s skips the second` }]
  })
  return { mirrors: mirrors ?? {}, configs: configs ?? {}, file, problems }
}

/** The endpoints of an image in order; the registry itself is the last (pkg/agent/containerd/config.go of k3s). */
export function k3sEndpoints(config: RegistriesYaml, { registry, repository }: ImageName): Endpoint[] {
  const name = registry in config.mirrors || registry in config.configs ? registry : '*'
  const { endpoint, rewrite } = config.mirrors[name] ?? {}
  const own = tlsOf(config, name === '*' && !(registry in config.configs) ? '*' : registry)
  const registryItself: Endpoint = { ...registryEndpoint(registry, 2), ...own }
  const mirrors = [...new Set(endpoint ?? [])].map((written): Endpoint => {
    const { protocol, host, path } = partsOf(written.includes('://') ? written : `https://${written}`)
    const clean = joinPath(path)
    const renamed = rewritten(repository, rewrite ?? {})
    return endpointWith({
      ...{ role: 'mirror', host, scheme: protocol === 'http' ? 'http' : 'https', ...tlsOf(config, host) },
      path: clean === '/' || clean === '/v2' ? '/v2' : clean,
      ...(renamed === repository ? {} : { repository: renamed }),
      origin: { file: config.file, key: `mirrors."${name}".endpoint` },
    })
  })
  const last = mirrors.at(-1)
  const isLast =
    last && last.scheme === registryItself.scheme && last.host === registryItself.host && last.path === '/v2'
  return isLast ? [...mirrors.slice(0, -1), { ...last, role: 'registry' }] : [...mirrors, registryItself]
}

/** The first expression that matches replaces what it matches; `$1` stands for its first group. */
function rewritten(repository: string, rewrite: Record<string, string>): string {
  for (const [pattern, replacement] of Object.entries(rewrite)) {
    try {
      if (new RegExp(pattern).test(repository))
        return repository.replace(new RegExp(pattern, 'g'), replacement)
    } catch {
      // An expression of Go that JavaScript does not know: the name stays as it is.
    }
  }
  return repository
}

function tlsOf({ configs }: RegistriesYaml, host: string): Partial<Endpoint> {
  const tls = configs[host]?.tls
  const { ca_file: ca, cert_file: cert, key_file: key, insecure_skip_verify: insecure } = tls ?? {}
  return {
    ...(insecure ? { skipVerify: true } : {}),
    ...(ca ? { authorities: [ca] } : {}),
    ...(cert ? { clientPairs: [{ cert, ...(key ? { key } : {}) }] } : {}),
  }
}
