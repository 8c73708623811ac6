import { type Endpoint, endpointWith } from '../legs.ts'
import type { ConfigProblem, IgnoredConfig } from '../problem.ts'
import { type ContainerdMajor, parseHostsToml } from './hosts-toml.ts'

/** One folder of a `certs.d`. */
export interface CertsDFolder {
  name: string
  /** The content of its hosts.toml; absent without one. */
  hostsToml?: string
  /** The names of all its files. */
  files: string[]
}

/** A `certs.d`, as containerd's `config_path` names it. */
export interface CertsD {
  root: string
  folders: CertsDFolder[]
}

/** The endpoints that containerd asks for images of a registry, in order. The last is the registry. */
export interface ContainerdHosts {
  endpoints: Endpoint[]
  /** The folder that was used. */
  folder?: string
  /** Why its hosts.toml is not used. */
  ignored?: IgnoredConfig
  problems: ConfigProblem[]
}

/** The endpoints for a registry, as the reference names it. */
export function containerdHosts(certsD: CertsD, registry: string, major: ContainerdMajor): ContainerdHosts {
  const folder = folderNames(registry)
    .map((name) => certsD.folders.find((one) => one.name === name))
    .find((one) => one !== undefined)
  if (!folder) return { endpoints: [registryEndpoint(registry, major)], problems: [] }
  const path = `${certsD.root}/${folder.name}`
  const certificates = certificateFiles(path, folder.files)
  const withCertificates = [{ ...registryEndpoint(registry, major), ...certificates }]
  if (!folder.hostsToml) return { endpoints: withCertificates, folder: path, problems: [] }
  const parsed = parseHostsToml(folder.hostsToml, `${path}/hosts.toml`, major)
  if (!parsed.used)
    return { endpoints: withCertificates, folder: path, ignored: parsed.problem, problems: [] }
  const endpoints = parsed.endpoints.map((endpoint, at, all) =>
    endpoint.host === '' && at === all.length - 1
      ? { ...endpoint, ...defaultsOf(registry, major, endpoint) }
      : endpoint,
  )
  return {
    endpoints: major === 2 ? endpoints.map(triesTls) : endpoints,
    folder: path,
    problems: parsed.problems,
  }
}

/** containerd 2.x takes TLS settings of a host in plain HTTP for a reason to try TLS first, but not at port 80. */
function triesTls(endpoint: Endpoint): Endpoint {
  const { scheme, host, skipVerify, authorities, clientPairs } = endpoint
  const isTls = skipVerify || authorities.length > 0 || clientPairs.length > 0
  return scheme === 'http' && isTls && !host.endsWith(':80')
    ? { ...endpoint, scheme: 'https', orHttp: true }
    : endpoint
}

/** The folders that may belong to a registry; the first that exists is used, and no other. */
function folderNames(registry: string): string[] {
  const colon = registry.lastIndexOf(':')
  const withPort = colon > 0 ? [`${registry.slice(0, colon)}_${registry.slice(colon + 1)}_`] : []
  return [...withPort, registry, '_default']
}

/** The registry of a reference where no file says how to reach it. */
export function registryEndpoint(registry: string, major: ContainerdMajor): Endpoint {
  return endpointWith({ role: 'registry', ...schemeAndHost(registry, major) })
}

function defaultsOf(registry: string, major: ContainerdMajor, written: Endpoint): Partial<Endpoint> {
  const { skipVerify, ...rest } = registryEndpoint(registry, major)
  const { authorities, clientPairs, headers } = written
  return { ...rest, authorities, clientPairs, headers, skipVerify: written.skipVerify || skipVerify }
}

function schemeAndHost(
  registry: string,
  major: ContainerdMajor,
): Pick<Endpoint, 'scheme' | 'host' | 'skipVerify'> {
  if (registry === 'docker.io') return { scheme: 'https', host: 'registry-1.docker.io', skipVerify: false }
  const [, name = '', port = ''] = /^(.*?)(?::(\d+))?$/.exec(registry) ?? []
  const isLocal = name === 'localhost' || /^127\./.test(name) || name === '[::1]'
  if (!isLocal) return { scheme: 'https', host: registry, skipVerify: false }
  const isTls = major === 2 && (port === '' || port === '443')
  return { scheme: isTls ? 'https' : 'http', host: registry, skipVerify: port !== '80' }
}

/** Docker's layout: every `.crt` is an authority, a `.cert` with the `.key` of its name a client certificate. */
function certificateFiles(path: string, files: string[]): Pick<Endpoint, 'authorities' | 'clientPairs'> {
  return {
    authorities: files.filter((name) => name.endsWith('.crt')).map((name) => `${path}/${name}`),
    clientPairs: files
      .filter((name) => name.endsWith('.cert'))
      .map((name) => {
        const key = name.replace(/cert$/, 'key')
        return { cert: `${path}/${name}`, ...(files.includes(key) ? { key: `${path}/${key}` } : {}) }
      }),
  }
}
