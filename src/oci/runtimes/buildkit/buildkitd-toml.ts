import { parse, TomlError } from 'smol-toml'
import * as z from 'zod'
import { type Endpoint, endpointWith, hostnameOf, type ImageName, joinPath } from '../legs.ts'
import { type ConfigProblem, firstLine } from '../problem.ts'

const registrySchema = z.object({
  mirrors: z.array(z.string()).default([]),
  http: z.boolean().optional(),
  insecure: z.boolean().default(false),
  ca: z.array(z.string()).default([]),
})
const schema = z.object({ registry: z.record(z.string(), registrySchema).default({}) })

/** The registries of a buildkitd.toml. */
export interface BuildkitdToml {
  registries: Record<string, z.output<typeof registrySchema>>
  file: string
  problems: ConfigProblem[]
}

/** Reads a buildkitd.toml (docs/buildkitd.toml.md). buildkitd does not start with one that is invalid. */
export function parseBuildkitdToml(text: string, file: string): BuildkitdToml {
  const invalid = (message: string, key = ''): BuildkitdToml => ({
    ...{ registries: {}, file },
    problems: [
      { file, ...(key === '' ? {} : { key }), message: `${message}: buildkitd does not start with it` },
    ],
  })
  let document: unknown
  try {
    document = parse(text)
  } catch (error) {
    const line = error instanceof TomlError ? `line ${error.line}` : ''
    return invalid(`is not valid TOML (${firstLine(error)})`, line)
  }
  const parsed = schema.safeParse(document)
  if (!parsed.success) return invalid('has a value of the wrong type', parsed.error.issues[0]?.path.join('.'))
  const problems = Object.entries(parsed.data.registry).flatMap(([host, { mirrors }]) => {
    const key = `registry."${host}".mirrors`
    const scheme = mirrors.find((one) => one.includes('://'))
    const repeated = mirrors.find((one, at) => mirrors.indexOf(one) !== at)
    return [
      ...(scheme === undefined
        ? []
        : [
            {
              file,
              key,
              message: `“${scheme}” has a scheme; write a host, and http = true in its own section`,
            },
          ]),
      ...(repeated === undefined
        ? []
        : [{ file, key, message: `lists “${repeated}” twice, so every failed request is sent twice` }]),
    ]
  })
  return { registries: parsed.data.registry, file, problems }
}

/** The endpoints of an image in order. The section of a mirror decides how it is reached, not that of the registry. */
export function buildkitEndpoints({ registries, file }: BuildkitdToml, { registry }: ImageName): Endpoint[] {
  const own = registries[registry]
  const mirrors = (own?.mirrors ?? []).map((mirror) => {
    const slash = mirror.indexOf('/')
    const [host, path] = slash < 0 ? [mirror, ''] : [mirror.slice(0, slash), mirror.slice(slash)]
    return endpointWith({
      ...{ role: 'mirror', host, path: joinPath('/v2', path), ...securityOf(host, registries[host]) },
      origin: { file, key: `registry."${registry}".mirrors` },
    })
  })
  const host = registry === 'docker.io' ? 'registry-1.docker.io' : registry
  return [
    ...mirrors,
    endpointWith({
      ...{ role: 'registry', host, ...securityOf(host, own) },
      ...(own ? { origin: { file, key: `registry."${registry}"` } } : {}),
    }),
  ]
}

/** A registry with `insecure` is asked over TLS; with `http` as well, in plain HTTP where it speaks no TLS. */
function securityOf(host: string, own: z.output<typeof registrySchema> | undefined): Partial<Endpoint> {
  const name = hostnameOf(host)
  const isHttp = own?.http ?? (name === 'localhost' || /^127\./.test(name) || name === '::1')
  const skipVerify = own?.insecure ?? false
  return {
    ...{ scheme: isHttp && !skipVerify ? 'http' : 'https', skipVerify, authorities: own?.ca ?? [] },
    ...(isHttp && skipVerify ? { orHttp: true } : {}),
  }
}
