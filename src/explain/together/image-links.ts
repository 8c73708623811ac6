import type { Finding } from '../../core/finding.ts'
import { firstOf } from '../../core/names.ts'
import { count } from '../../core/units.ts'
import { addressesFromDns } from '../../facts/queries/path/dialled.ts'
import { apart, follows, hostnamesOf, type Linking, open } from './link.ts'

/** The same object is damaged in the storage and not served by the registry. */
export const bySameObject: Linking = (then, first) => {
  const damaged = then.findings.filter((finding) => first.findings.some((one) => isSameObject(one, finding)))
  if (damaged.length === 0) return undefined
  const what =
    damaged.length === then.findings.length
      ? damaged.length === 1
        ? 'it is about the object'
        : `all ${damaged.length} findings are about objects`
      : `${damaged.length} of its ${count(then.findings.length, 'finding')} ${damaged.length === 1 ? 'is about an object' : 'are about objects'}`
  return follows(`${what} that the storage was seen to lack or to hold damaged`)
}

/** A storage names repositories without the registry's host. */
function isSameObject(stored: Finding, served: Finding): boolean {
  if (stored.repository === undefined || !served.subject.includes(`/${stored.repository}`)) return false
  return stored.digest !== undefined && stored.digest === served.digest
    ? true
    : served.subject.endsWith(`/${stored.subject}`)
}

/** Which server answers depends on who is asked for the address: the image may be whole on the other one. */
export const byOtherServer: Linking = (_then, first, { path }) => {
  const named = (path.names?.names ?? []).filter(({ name }) => hostnamesOf(first).includes(name))
  for (const name of named) {
    const host = path.hosts.find((one) => one.host.replace(/:\d+$/, '') === name.name)
    const used = host?.addresses ?? []
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

/** What an answer says is no matter of packets that got lost. */
export const byAnswer: Linking = () =>
  apart('the registry answered the requests for it, so they were not lost on the way')
