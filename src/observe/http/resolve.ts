import { lookup } from 'node:dns/promises'
import { isAddress } from '../../net/ip.ts'
import { ConnectionError, failure, failureOf } from './failures.ts'
import { hostsFileAddresses } from './hosts-file.ts'

/** The addresses of a name, and how it was resolved. */
export interface Resolved {
  addresses: string[]
  source: 'address' | 'hosts file' | 'DNS'
}

/**
 * Resolves a name as programs of this machine do (getaddrinfo: the hosts file, then DNS), within `limitMs`. `host` is the name and
 * port for failures. Throws a ConnectionError.
 */
export async function resolve(hostname: string, host: string, limitMs: number): Promise<Resolved> {
  if (isAddress(hostname)) return { addresses: [hostname], source: 'address' }
  const started = performance.now()
  try {
    const found = await withLimit(lookup(hostname, { all: true, verbatim: true }), limitMs)
    const addresses = found.map(({ address }) => address)
    const inHostsFile = await hostsFileAddresses(hostname)
    const isPinned = addresses.some((address) => inHostsFile.includes(address))
    return { addresses, source: isPinned ? 'hosts file' : 'DNS' }
  } catch (error) {
    if (error instanceof LimitError) {
      const detail = `DNS lookup timed out after ${limitMs / 1000} s`
      throw new ConnectionError({ ...failure('name-not-resolved', host, 'dns', detail), ms: limitMs })
    }
    const ms = Math.round(performance.now() - started)
    throw new ConnectionError({ ...failureOf(error, host, 'dns'), kind: 'name-not-resolved', ms })
  }
}

class LimitError extends Error {}

async function withLimit<T>(work: Promise<T>, limitMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise<never>((_, fail) => {
    timer = setTimeout(() => fail(new LimitError()), limitMs)
  })
  try {
    return await Promise.race([work, limit])
  } finally {
    clearTimeout(timer)
  }
}
