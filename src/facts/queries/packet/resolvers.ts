import { seenIn } from '../../../core/observed.ts'
import { addressClass } from '../../../net/address-class.ts'
import { isVersion6 } from '../../../net/ip.ts'
import type { EgressView } from './egress.ts'
import type { Guests } from './guests.ts'

/** Of other hosts: those of the loopback network are asked by the engine, or not at all. */
const isElsewhere = (address: string): boolean =>
  !['loopback', 'unspecified', 'link-local'].includes(addressClass(address))

/**
 * The resolvers that the containers of a network ask by packets of their own. In the engine's default network they have those of its
 * configuration, else the host's, in their resolv.conf. For others, Docker's own resolver asks: configured ones out of the container, the
 * host's up to version 27 out of the container and later out of the host (`HostLoopback` in moby's TransformForIntNS, in 23.0 to 29;
 * measured on 20.10 and 29). Podman's asks out of the host. `asked`: the engine's configuration was read and names no others.
 */
export function resolversFor(
  runner: EgressView,
  { network, owner, family }: Guests,
): { addresses: string[]; asked: boolean } {
  const major = Number(seenIn(runner.engine)?.version.split('.')[0])
  const isDefault = network?.name === (owner === 'docker' ? 'bridge' : 'podman')
  const [daemon, ...more] = runner.daemons ?? []
  const configured = owner === 'docker' && more.length === 0 ? daemon?.resolvers : undefined
  const isConfigured = configured !== undefined && configured.length > 0
  const isAsked = isDefault || (owner === 'docker' && network !== undefined && (major <= 27 || isConfigured))
  const all = isConfigured ? configured : ofHost(runner, isDefault)
  const addresses = isAsked
    ? all.filter((one) => isElsewhere(one) && isVersion6(one) === (family === 'ip6'))
    : []
  return { addresses, asked: configured !== undefined }
}

/** Both engines give containers of their default network Google's where the host has only resolvers on its loopback interface. */
const givenInstead = ['8.8.8.8', '8.8.4.4', '2001:4860:4860::8888', '2001:4860:4860::8844']

function ofHost({ routes }: EgressView, isDefault: boolean): string[] {
  const { resolvers = [], engineResolvers } = seenIn(routes) ?? {}
  const all = engineResolvers ?? resolvers
  return isDefault && engineResolvers && !all.some(isElsewhere) ? givenInstead : all
}
