import { seenIn } from '../../../core/observed.ts'
import { addressClass } from '../../../net/address-class.ts'
import { isVersion6 } from '../../../net/ip.ts'
import type { EgressView } from './egress.ts'
import type { Guests } from './guests.ts'

/** Of other hosts: those of the loopback network are asked by the engine, or not at all. */
const isElsewhere = (address: string): boolean =>
  !['loopback', 'unspecified', 'link-local'].includes(addressClass(address))

/**
 * The resolvers that the containers of a network ask by packets of their own. In the engine's default network they have the host's
 * in their resolv.conf. For others, Docker's own resolver asks: up to version 24 out of the container, later out of the host
 * (measured on 20.10 and 29); Podman's asks out of the host. `asked`: the engine's configuration was read and names no others.
 */
export function resolversFor(
  runner: EgressView,
  { network, owner, family }: Guests,
): { addresses: string[]; asked: boolean } {
  const engine = seenIn(runner.engine)
  const major = Number(engine?.version.split('.')[0])
  const isDefault = network?.name === (owner === 'docker' ? 'bridge' : 'podman')
  const [daemon, ...more] = runner.daemons ?? []
  const configured = owner === 'docker' && more.length === 0 ? daemon?.resolvers : undefined
  // Docker's own resolver asks configured ones out of the container in all versions (moby: HostLoopback is off for them).
  const fromContainer = major <= 24 || (configured?.length ?? 0) > 0
  const isAsked = isDefault || (owner === 'docker' && network !== undefined && fromContainer)
  const all = configured && configured.length > 0 ? configured : (seenIn(runner.routes)?.resolvers ?? [])
  const addresses = isAsked
    ? all.filter((one) => isElsewhere(one) && isVersion6(one) === (family === 'ip6'))
    : []
  return { addresses, asked: configured !== undefined }
}
