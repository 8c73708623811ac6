import { readFile } from 'node:fs/promises'
import type { DnsFiles } from '../../../facts/path/dns-files.ts'
import type { NamesFact, ResolverConfig, ResolverFact } from '../../../facts/path/names.ts'
import { readDnsFiles } from './dns-files.ts'
import { askableUpstream, parseResolverConfig } from './resolver-config.ts'
import type { NameSources } from './sources.ts'

/** glibc and musl ask no more than these (MAXNS in resolv.h). */
const maxServers = 3
/** Of each further layer. */
const maxFurther = 3
const maxInFiles = 8
/** systemd-resolved's stub resolvers. */
const stubs = new Set(['127.0.0.53', '127.0.0.54'])

type Described = Omit<ResolverFact, 'localhost'>

/** What names are asked of. */
export interface SetUp {
  config: ResolverConfig | undefined
  resolvers: Described[]
  libc: NamesFact['libc']
  files?: DnsFiles
}

/** Reads which resolvers there are, in each layer. */
export async function readSetUp(from: NameSources): Promise<SetUp> {
  const text = await textOf(from.resolvConf)
  const maps = (await textOf('/proc/self/maps')) ?? ''
  const config = text === undefined ? undefined : parseResolverConfig(text, from.resolvConf)
  const configured = (config?.servers ?? []).slice(0, maxServers)
  const uplinks = configured.some((server) => stubs.has(server))
    ? parseResolverConfig((await textOf(from.uplinks)) ?? '', from.uplinks).servers
    : []
  const upstream = text === undefined ? [] : askableUpstream(text)
  const files = from.dnsConfig.length > 0 ? await readDnsFiles(from.dnsConfig) : undefined
  const inFiles = (files?.files ?? []).flatMap(({ file, servers }) =>
    servers.map((address) => ({ address, layer: 'file' as const, from: file })),
  )
  const resolvers: Described[] = [
    ...configured.map((address) => ({ address, layer: 'configured' as const, from: from.resolvConf })),
    ...upstream
      .slice(0, maxFurther)
      .map((address) => ({ address, layer: 'upstream' as const, from: from.resolvConf })),
    ...uplinks
      .slice(0, maxFurther)
      .map((address) => ({ address, layer: 'uplink' as const, from: from.uplinks })),
    ...inFiles.filter(({ address }) => !stubs.has(address)).slice(0, maxInFiles),
  ]
  return {
    ...{ config, resolvers: unique(resolvers), libc: /\/ld-musl-/.test(maps) ? 'musl' : 'glibc' },
    ...(files ? { files } : {}),
  }
}

const unique = (resolvers: Described[]): Described[] =>
  resolvers.filter(({ address }, at) => resolvers.findIndex((one) => one.address === address) === at)

const textOf = (path: string): Promise<string | undefined> => readFile(path, 'utf8').catch(() => undefined)
