import { firstOf } from '../../core/names.ts'
import { seenIn } from '../../core/observed.ts'
import { count } from '../../core/units.ts'
import { inboundLoss, measuredIn } from '../../facts/queries/path/mtu.ts'
import { socketText } from '../../facts/queries/runner/port-text.ts'
import { uplinkOf } from '../../facts/queries/runner/uplink.ts'
import { apart, failuresOf, follows, hostnamesOf, type Linking } from './link.ts'

/** The networks of this runner are larger than its uplink: the path MTU that was measured shows whether that is the narrow link. */
export const byUplinkMtu: Linking = (then, _first, { path, runner }) => {
  const uplink = runner && uplinkOf(runner)
  const hosts = new Set(then.findings.map(({ subject }) => subject))
  const [mtu] = measuredIn(path)
    .filter(({ host }) => hosts.has(host))
    .flatMap((endpoint) => {
      const { outbound } = endpoint.found
      return inboundLoss(endpoint)?.mtu ?? (outbound.state === 'black-hole' ? outbound.mtu : [])
    })
  if (!uplink || mtu === undefined) return undefined
  return mtu === uplink.mtu
    ? follows(`the path carries packets of up to ${mtu} bytes, which is the MTU of the uplink ${uplink.name}`)
    : apart(
        `the path carries packets of up to ${mtu} bytes, and the uplink ${uplink.name} takes ${uplink.mtu}: another link is the narrow one`,
      )
}

/** A Docker network covers addresses: those that did not answer, or others. */
export const byShadow: Linking = (then, first, facts) => {
  const addresses = [...new Set(failuresOf(then, facts).flatMap((failure) => failure.addresses ?? []))]
  const shadowed = addresses.filter((address) => first.findings.some(({ subject }) => subject === address))
  if (addresses.length === 0) return undefined
  return shadowed.length > 0
    ? follows(`this host routes packets for ${firstOf(shadowed)} to the bridge of a container network`)
    : apart(`no container network covers ${firstOf(addresses)}`)
}

/** Ports of this host do not answer: they are those that the requests went to, or others. */
export const byOwnPort: Linking = (then, first, facts) => {
  const tried = failuresOf(then, facts).flatMap(({ addresses = [], port }) =>
    addresses.map((address) => ({
      address,
      socket: port === undefined ? address : socketText(address, port),
    })),
  )
  const hit = tried.find(({ address, socket }) =>
    first.findings.some(({ subject }) => subject === address || subject === socket),
  )
  if (hit) return follows(`${hit.socket}, which the requests went to, is a port of this host`)
  const own = new Set([
    ...(facts.runner ? (seenIn(facts.runner.routes)?.local ?? []) : []),
    ...(facts.runner ? (seenIn(facts.runner.ports)?.targets ?? []) : []).map(({ address }) => address),
  ])
  if (tried.length === 0 || own.size === 0 || tried.some(({ address }) => own.has(address))) return undefined
  return apart(`${firstOf([...new Set(tried.map(({ socket }) => socket))])} is not on this host`)
}

/** Nothing beyond the gateway answers this step: then the host that failed is one of many. */
export const byNoEgress: Linking = (then, _first, { runner }) => {
  const { reached, gateway, silentHosts = [], silentResolvers = [] } = runner?.egress ?? { reached: true }
  if (reached || gateway === undefined) return undefined
  const silent = hostnamesOf(then).filter((host) => silentHosts.includes(host))
  const names = silent.length > 0 ? silent : silentResolvers.map((resolver) => `the DNS server ${resolver}`)
  return names.length === 0
    ? undefined
    : follows(`nothing beyond the gateway ${gateway} answered this step, ${firstOf(names)} included`)
}

/** The kernel counts what it drops at a full table of connections. */
export const byConntrack: Linking = (_then, _first, { runner }) => {
  const drops = runner && seenIn(runner.conntrack)?.drops
  return drops
    ? follows(`the kernel dropped ${count(drops, 'packet')} at the full table while the requests were sent`)
    : undefined
}
