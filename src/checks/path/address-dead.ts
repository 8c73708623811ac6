import type { Failure } from '../../core/failure.ts'
import type { Fault } from '../../core/finding.ts'
import type { HostAddresses } from '../../facts/path/addresses.ts'
import { isVersion6 } from '../../net/ip.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'address-dead',
  group: 'path',
  title: 'every address of every host takes connections',
  fault: 'Dead address: the name of the host has several addresses, and one of them takes no connections.',
  severity: 'warning',
  advice: 'Start the server at the dead address, or remove the address from DNS and hosts files.',
  reads: ['path.addresses'],
  run: ({ path: { addresses = [] } }) => addresses.flatMap(faultsOf),
})

function faultsOf(host: HostAddresses): Fault[] {
  return host.others.flatMap(({ address, failure }) => {
    if (!failure) return []
    const version = isVersion6(address) ? 'IPv6' : 'IPv4'
    return {
      ...(isSlow(failure) ? {} : { severity: 'note' as const }),
      subject: host.host,
      message: `${failure.detail}; ${host.used} answers`,
      evidence: failure.evidence,
      because: costText(host, address),
      ...(isVersionDead(host, address)
        ? { ...deadVersion(version), cause: version }
        : { cause: `${host.host} ${version}` }),
    }
  })
}

/** Whether clients wait for it. */
const isSlow = ({ kind, sign }: Failure): boolean => kind === 'connection-timeout' || sign === 'no-neighbour'

/** Whether no address of the same IP version answers, so that the fault may be this machine's and not the host's. */
const isVersionDead = ({ used, others }: HostAddresses, dead: string): boolean =>
  isVersion6(used) !== isVersion6(dead) &&
  others.every(({ address, failure }) => failure !== undefined || isVersion6(address) !== isVersion6(dead))

const deadVersion = (version: string): Required<Pick<Fault, 'title' | 'advice'>> => ({
  title: `Dead ${version}: the host has ${version} addresses, this machine has a route to them, and none takes connections.`,
  advice: `Check whether ${version} works from here at all: curl -${version.at(-1)} -v https://HOST/v2/. If not, fix the route or remove it; else remove the address from DNS.`,
})

/** How long Go waits for a connection in containerd's and Docker's clients, in seconds. */
const dialTimeout = 30

/** What clients in Go lose, as measured with Go 1.26: net.Dialer, "FallbackDelay" and "Timeout". */
function costText({ used, others }: HostAddresses, dead: string): string {
  const isSame = (address: string) => isVersion6(address) === isVersion6(dead)
  const failure = others.find(({ address }) => address === dead)?.failure
  if (!failure || !isSlow(failure))
    return 'Connections there fail at once: clients that try the next address lose no time, others fail.'
  const living = [used, ...others.flatMap(({ address, failure: why }) => (why ? [] : [address]))]
  if (living.some((address) => !isSame(address)))
    return 'containerd, Docker and podman use the other IP version after 300 ms, for each connection that tries this address first; clients without that wait for their whole limit.'
  if (failure.sign === 'no-neighbour')
    return 'containerd, Docker and podman lose 3 s for each connection that tries this address first.'
  const count = [used, ...others.map(({ address }) => address)].filter(isSame).length
  return `containerd, Docker and podman lose ${Math.round(dialTimeout / count)} s for each connection that tries this address first: their limit of ${dialTimeout} s, divided by ${count} addresses.`
}
