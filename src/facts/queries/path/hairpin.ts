import { holds, isVersion6 } from '../../../net/ip.ts'
import { isPrivateName } from '../../../net/private-name.ts'
import type { NameFact } from '../../path/names.ts'
import type { PathFact } from '../../path.ts'
import { addressesFromDns } from './dialled.ts'
import { isInternal } from './disagreements.ts'

/** A connection within this time ends at the own router or close behind it; hardly any other public address is so near. */
const nearMs = 1

/**
 * Independent signs that the way to a public address turns round at the network's own router: each has other explanations, several
 * together hardly have. Empty where libc gives an internal address or none, or one that somebody wrote into the hosts file.
 */
export function hairpinSigns(
  name: NameFact,
  path: Pick<PathFact, 'log'>,
  internalAddresses: string[],
): string[] {
  const { libc, dialled, pins } = name
  // There is no NAT to turn round in with IPv6, and public addresses inside of a network are usual.
  const address = libc.addresses.find((one) => !isVersion6(one))
  if (address === undefined || pins.length > 0 || libc.addresses.some(isInternal)) return []
  const internal = addressesFromDns(name).filter(isInternal)
  const ms = connectMs(name, path)
  const same = dialled.find(
    (one) => isInternal(one.address) && one.certificate && one.certificate.sha256 === sha256At(name, address),
  )
  return [
    ...(isPrivateName(name.name) ? [`${name.name} is a name for private use, and ${address} is public`] : []),
    ...(internalAddresses.length > 0 && !internalAddresses.some((range) => holds(range, address))
      ? [`${address} is not in internal_addresses`]
      : []),
    ...(internal.length > 0 ? [`another DNS server gives the internal address ${internal[0]}`] : []),
    ...(same ? [`${same.address} presents the same certificate as ${address}`] : []),
    ...(ms !== undefined && ms <= nearMs ? [`${address} is only ${ms} ms away`] : []),
  ]
}

const sha256At = ({ dialled }: NameFact, address: string): string | undefined =>
  dialled.find((one) => one.address === address)?.certificate?.sha256

/** The shortest time of a connection to the address that libc gives. */
function connectMs({ name, libc, dialled }: NameFact, { log }: Pick<PathFact, 'log'>): number | undefined {
  const times = [
    ...dialled
      .filter(({ address }) => libc.addresses.includes(address))
      .flatMap(({ attempts }) => attempts)
      .map(({ phases, failure }) => (failure?.phase === 'connect' ? undefined : phases.connect)),
    ...log
      .filter(({ url, failure }) => new URL(url).hostname === name && failure?.phase !== 'connect')
      .map(({ phases }) => phases.connect),
  ].filter((ms) => ms !== undefined)
  return times.length > 0 ? Math.min(...times) : undefined
}
