import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { parse, YAMLError } from 'yaml'
import type { DnsFile, DnsFiles } from '../../../facts/path/dns-files.ts'
import { isAddress } from '../../../net/ip.ts'
import { parseResolverConfig } from './resolver-config.ts'

const maxFiles = 50
const maxBytes = 256 * 1024

/** Reads the files that `dns_config` names, and those in folders, in the order in which their programs read them. */
export async function readDnsFiles(paths: readonly string[]): Promise<DnsFiles> {
  const found: DnsFiles = { files: [], problems: [] }
  const named = (await Promise.all(paths.map((path) => filesAt(path, found)))).flat()
  for (const file of named.slice(0, maxFiles)) {
    const text = await textOf(file).catch((error: unknown) => problemOf(file, error, found))
    if (text !== undefined) read(file, text, found)
  }
  return found
}

class Unreadable extends Error {}

/** Throws an `Unreadable` for what is no file, which could be without an end, and for one that is no configuration by its size. */
async function textOf(file: string): Promise<string> {
  const about = await stat(file)
  if (!about.isFile()) throw new Unreadable('is not a file')
  if (about.size > maxBytes) throw new Unreadable('is larger than 256 KiB')
  return await readFile(file, 'utf8')
}

async function filesAt(path: string, found: DnsFiles): Promise<string[]> {
  try {
    if (!(await stat(path)).isDirectory()) return [path]
    const names = (await readdir(path)).filter((name) => /\.(?:ya?ml|conf)$/.test(name)).toSorted()
    if (names.length === 0) found.problems.push({ file: path, message: 'has no .yaml or .conf file' })
    return names.map((name) => join(path, name))
  } catch (error) {
    problemOf(path, error, found)
    return []
  }
}

function problemOf(file: string, error: unknown, { problems }: DnsFiles): undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  const message = code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`
  problems.push({ file, message: error instanceof Unreadable ? error.message : message })
}

/** By its content, because a mounted file may have any name. */
function read(file: string, text: string, found: DnsFiles): void {
  if (/^\s*\[Resolve\]/m.test(text)) found.files.push(parseResolved(file, text))
  else if (/^\s*network\s*:/m.test(text)) parseNetplan(file, text, found)
  else if (/^\s*(?:nameserver|search|domain|options)\s/m.test(text)) {
    const { servers, search } = parseResolverConfig(text, file)
    found.files.push({ file, kind: 'resolv.conf', servers, search })
  } else found.problems.push({ file, message: 'is neither netplan YAML, nor resolved.conf, nor resolv.conf' })
}

/** resolved.conf(5): lists may be repeated, an empty value clears them. Of `10.0.0.53:53%eth0#name` the address counts. */
function parseResolved(file: string, text: string): DnsFile {
  const lists: Record<string, string[]> = {}
  for (const line of text.split('\n')) {
    const [, key = '', value = ''] = /^\s*(DNS|FallbackDNS|Domains)\s*=\s*(.*?)\s*$/.exec(line) ?? []
    if (key !== '') lists[key] = value === '' ? [] : [...(lists[key] ?? []), ...value.split(/\s+/)]
  }
  const fallback = (lists.FallbackDNS ?? []).flatMap(serverOf)
  return {
    ...{ file, kind: 'resolved', servers: (lists.DNS ?? []).flatMap(serverOf), search: lists.Domains ?? [] },
    ...(fallback.length > 0 ? { fallback } : {}),
  }
}

function serverOf(text: string): string[] {
  const bare = text.replace(/[#%].*$/, '')
  const address =
    /^\[(.*)\](?::\d+)?$/.exec(bare)?.[1] ?? (isAddress(bare) ? bare : bare.replace(/:\d+$/, ''))
  return isAddress(address) ? [address] : []
}

/** netplan's name servers, for each interface that has any. */
function parseNetplan(file: string, text: string, found: DnsFiles): void {
  let document: unknown
  try {
    document = parse(text, { maxAliasCount: 100 })
  } catch (error) {
    const message = error instanceof YAMLError ? error.message.split('\n')[0] : String(error)
    found.problems.push({ file, message: `is not valid YAML: ${message}` })
    return
  }
  const kinds = Object.values(field(document, 'network') ?? {})
  for (const links of kinds.filter(isObject)) {
    for (const [link, settings] of Object.entries(links)) {
      const nameservers = field(settings, 'nameservers')
      if (!nameservers) continue
      const listed = stringsIn(nameservers.addresses)
      for (const server of listed.filter((one) => !isAddress(one)))
        found.problems.push({
          file,
          message: `has “${server}” as name server of ${link}, which is not an address`,
        })
      found.files.push({
        ...{ file, kind: 'netplan', link, servers: listed.filter(isAddress) },
        search: stringsIn(nameservers.search),
      })
    }
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function field(value: unknown, name: string): Record<string, unknown> | undefined {
  const found = isObject(value) ? value[name] : undefined
  return isObject(found) ? found : undefined
}

const stringsIn = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []
