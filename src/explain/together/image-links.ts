import type { Finding } from '../../core/finding.ts'
import { firstOf } from '../../core/names.ts'
import { count } from '../../core/units.ts'
import type { Facts } from '../../facts/facts.ts'
import { addressesFromDns } from '../../facts/queries/path/dialled.ts'
import { parseReference, type Reference } from '../../oci/reference.ts'
import { isHosted } from '../storage/hint.ts'
import { apart, failuresOf, follows, hostnameOf, hostnamesOf, type Linking, open } from './link.ts'

/** The same object is damaged in the storage and not served by the registry. */
export const bySameObject: Linking = (then, first, facts) => {
  const damaged = then.findings.filter((finding) => first.findings.some((one) => isSameObject(one, finding)))
  if (damaged.length === 0) return undefined
  const what =
    damaged.length === then.findings.length
      ? damaged.length === 1
        ? 'it is about the object'
        : `all ${damaged.length} findings are about objects`
      : `${damaged.length} of its ${count(then.findings.length, 'finding')} ${damaged.length === 1 ? 'is about an object' : 'are about objects'}`
  const why = `${what} that the storage was seen to lack or to hold damaged`
  const registries = registriesIn(facts, damaged)
  return registries.length > 1
    ? open(`${why}, and which of ${firstOf(registries)} keeps its data there was not seen`)
    : follows(why)
}

/**
 * A storage names repositories without the registry's host. Only an operator reads the storage of a hosted registry, so that a
 * storage that was read is not its.
 */
function isSameObject(stored: Finding, served: Finding): boolean {
  const at = referenceOf(served)
  if (at === undefined || at.repository !== stored.repository || isHosted(at.registry)) return false
  const digest = served.digest ?? at.digest
  if (digest !== undefined && stored.digest !== undefined) return digest === stored.digest
  const name = `${at.repository}:${at.tag}`
  return at.tag !== undefined && (stored.subject === name || (stored.explains?.includes(name) ?? false))
}

/** The registries of a run that can keep their data in a storage that was read. */
const registriesIn = ({ image }: Facts, served: readonly Finding[]): string[] => [
  ...new Set(
    [
      ...image.targets.map(({ target }) => target.reference.registry),
      ...image.repositories.map(({ registry }) => registry),
      ...served.flatMap((finding) => referenceOf(finding)?.registry ?? []),
    ].filter((registry) => !isHosted(registry)),
  ),
]

function referenceOf({ subject }: Finding): Reference | undefined {
  const parsed = parseReference(subject)
  return parsed.ok ? parsed.value : undefined
}

/** The names of the servers that were asked for an object: its registry, and the storage that the registry led to. */
function serversOf(finding: Finding, { image }: Facts): string[] {
  const at = referenceOf(finding)
  if (!at) return []
  const storages = image.repositories
    .filter(({ name }) => name === finding.repository)
    .flatMap(({ blobs }) => blobs)
    .flatMap(({ digest, observed }) =>
      digest === finding.digest && observed.seen && observed.value.state === 'absent'
        ? (observed.value.refusal.storage ?? [])
        : [],
    )
  return [at.apiHost, ...storages].map(hostnameOf)
}

/** Which server answers depends on who is asked for the address: the image may be whole on the other one. */
export const byOtherServer: Linking = (then, first, facts) => {
  const { path } = facts
  const servers = new Set(then.findings.flatMap((finding) => serversOf(finding, facts)))
  const named = (path.names?.names ?? []).filter(
    ({ name }) => servers.has(name) && hostnamesOf(first).includes(name),
  )
  for (const name of named) {
    const used = addressesOfHosts(facts, new Set([name.name]))
    const given = [...addressesFromDns(name), ...name.pins, ...name.searched.flatMap(addressesOf)]
    const others = [...new Set(given)].filter((address) => !used.includes(address))
    if (used.length > 0 && others.length > 0)
      return open(
        `${firstOf(used)} answered, and ${name.name} also has ${firstOf(others)}: whether the image is whole there was not asked`,
      )
  }
  return undefined
}

const addressesOf = ({ ipv4, ipv6 }: { ipv4: { addresses: string[] }; ipv6: { addresses: string[] } }) => [
  ...ipv4.addresses,
  ...ipv6.addresses,
]

/** The addresses that took connections, of hosts with these names. */
const addressesOfHosts = ({ path }: Facts, names: ReadonlySet<string>): string[] => [
  ...new Set(path.hosts.flatMap(({ host, addresses }) => (names.has(hostnameOf(host)) ? addresses : []))),
]

/** What an answer says is no matter of packets that got lost, unless they got lost on the way to another server of that name. */
export const byAnswer: Linking = (then, first, facts) => {
  const servers = new Set(then.findings.flatMap((finding) => serversOf(finding, facts)))
  const used = addressesOfHosts(facts, servers)
  const lost = failuresOf(first, facts).flatMap(({ host, addresses = [] }) =>
    servers.has(hostnameOf(host)) ? addresses.filter((address) => !used.includes(address)) : [],
  )
  if (lost.length === 0)
    return apart('the registry answered the requests for it, so they were not lost on the way')
  return used.length === 0
    ? undefined
    : open(
        `${firstOf(used)} answered, and ${firstOf([...new Set(lost)])} did not: whether the image is whole there was not seen`,
      )
}
