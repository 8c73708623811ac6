import * as z from 'zod'
import { holds, isAddress, parseNetwork } from '../../../net/ip.ts'
import { type Endpoint, endpointWith, hostnameOf, type ImageName, joinPath, partsOf } from '../legs.ts'
import { type ConfigProblem, firstLine } from '../problem.ts'

const schema = z.looseObject({
  'registry-mirrors': z.array(z.string()).default([]),
  'insecure-registries': z.array(z.string()).default([]),
})

/** The part of a daemon.json that decides how images are pulled. */
export interface DaemonJson {
  mirrors: Endpoint[]
  /** Host names, with a port or without, and networks, whose certificates are not verified and that may speak plain HTTP. */
  insecure: string[]
  problems: ConfigProblem[]
}

/** Reads Docker's daemon.json. dockerd does not start with one that is invalid. */
export function parseDaemonJson(text: string, file: string): DaemonJson {
  const invalid = (message: string, key?: string): DaemonJson => ({
    ...{ mirrors: [], insecure: [] },
    problems: [
      { file, message: `${message}: dockerd does not start with it`, ...(key === undefined ? {} : { key }) },
    ],
  })
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch (error) {
    return invalid(`is not valid JSON (${firstLine(error)})`)
  }
  const parsed = schema.safeParse(document)
  if (!parsed.success) return invalid('has a value of the wrong type', parsed.error.issues[0]?.path.join('.'))
  const { 'registry-mirrors': written, 'insecure-registries': insecure } = parsed.data
  const problems = written.flatMap((mirror, at) => {
    const message = mirrorProblem(mirror)
    return message === undefined
      ? []
      : [{ file, key: `registry-mirrors[${at}]`, message: `“${mirror}” ${message}` }]
  })
  const unique = [
    ...new Set(written.filter((one) => !mirrorProblem(one)).map((one) => one.replace(/\/$/, ''))),
  ]
  const repeated = written.length - problems.length - unique.length
  if (repeated > 0)
    problems.push({
      file,
      key: 'registry-mirrors',
      message: 'lists the same mirror twice; Docker asks it once',
    })
  return { mirrors: unique.map((url) => mirrorEndpoint(url, file, insecure)), insecure, problems }
}

function mirrorProblem(mirror: string): string | undefined {
  if (!/^https?:\/\//.test(mirror)) return 'has no http:// or https://: dockerd does not start with it'
  if (/[?#]/.test(mirror)) return 'has a query or a fragment: dockerd does not start with it'
  return /^https?:\/\/[^/]*@/.test(mirror)
    ? 'has a login, which Docker does not take: dockerd does not start with it'
    : undefined
}

function mirrorEndpoint(url: string, file: string, insecure: string[]): Endpoint {
  const { protocol, host, path } = partsOf(url)
  const clean = joinPath(path)
  return endpointWith({
    ...{ role: 'mirror', host, scheme: protocol === 'http' ? 'http' : 'https' },
    path: clean.endsWith('/v2') ? clean : joinPath(clean, 'v2'),
    skipVerify: isInsecure(host, insecure),
    origin: { file, key: 'registry-mirrors' },
  })
}

/**
 * The endpoints of an image in order: mirrors are for Docker Hub only. `store` is the containerd image store, where a registry that
 * is not verified is asked over TLS and then in plain HTTP by the same client.
 */
export function dockerEndpoints({ mirrors, insecure }: DaemonJson, { registry }: ImageName): Endpoint[] {
  if (registry === 'docker.io')
    return [...mirrors, endpointWith({ role: 'registry', host: 'registry-1.docker.io' })]
  const skipVerify = isInsecure(registry, insecure)
  return [
    endpointWith({ role: 'registry', host: registry, skipVerify, ...(skipVerify ? { orHttp: true } : {}) }),
  ]
}

/**
 * Whether Docker takes a registry for insecure: by name and port, or by network. It resolves names to compare them with networks; here
 * a name counts as insecure where there are networks, so that nothing is reported that Docker accepts.
 */
function isInsecure(host: string, insecure: string[]): boolean {
  const name = hostnameOf(host)
  if (insecure.includes(host) || name === 'localhost' || /^127\./.test(name) || name === '::1') return true
  const networks = insecure.filter((one) => parseNetwork(one.includes('/') ? one : '') !== undefined)
  return isAddress(name)
    ? networks.some((one) => holds(one, name)) || insecure.includes(name)
    : networks.length > 0
}
