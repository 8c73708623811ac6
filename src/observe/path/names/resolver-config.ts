import type { ResolverConfig } from '../../../facts/path/names.ts'
import { isAddress } from '../../../net/ip.ts'
import { parseResolvConf } from '../../runner/host/resolv-conf.ts'

const maxInvalid = 10

/**
 * Parses resolv.conf(5) with glibc's defaults and limits: the last `search` or `domain` counts, `ndots` is at most 15, `timeout`
 * at most 30 s, `attempts` at most 5.
 */
export function parseResolverConfig(text: string, file: string): ResolverConfig {
  const { servers, upstream } = parseResolvConf(text)
  const lines = text.split('\n').map((line) => line.trim().split(/\s+/))
  const valuesOf = (keyword: string) =>
    lines.filter(([first]) => first === keyword).map(([, ...values]) => values)
  const options = valuesOf('options').flat()
  const searches = lines.filter(([first]) => first === 'search' || first === 'domain')
  const [keyword, ...domains] = searches.at(-1) ?? []
  return {
    file,
    servers,
    invalid: valuesOf('nameserver')
      .flatMap(([server]) => server ?? [])
      .filter((server) => !isAddress(server))
      .slice(0, maxInvalid),
    search: (keyword === 'domain' ? domains.slice(0, 1) : domains)
      .map((domain) => domain.toLowerCase().replace(/\.$/, ''))
      .filter((domain) => domain !== ''),
    ndots: optionOf(options, 'ndots', 1, 15),
    timeoutMs: optionOf(options, 'timeout', 5, 30) * 1000,
    attempts: optionOf(options, 'attempts', 2, 5),
    rotate: options.includes('rotate'),
    hostUpstream: upstream.filter(({ host }) => host).map(({ address }) => address),
  }
}

/** The servers that Docker's own resolver asks from the network of its container, which this process can ask as well. */
export const askableUpstream = (text: string): string[] =>
  parseResolvConf(text)
    .upstream.filter(({ host }) => !host)
    .map(({ address }) => address)

function optionOf(options: string[], name: string, byDefault: number, max: number): number {
  const values = options.flatMap((option) => new RegExp(`^${name}:(\\d{1,4})$`).exec(option)?.[1] ?? [])
  const last = values.at(-1)
  return last === undefined ? byDefault : Math.min(Number(last), max)
}
