import { firstOf } from '../../core/names.ts'
import { seenIn } from '../../core/observed.ts'
import { count } from '../../core/units.ts'
import type { Facts } from '../../facts/facts.ts'
import { failuresIn } from '../../facts/queries/image/failures.ts'
import { legFailures } from '../../facts/queries/path/legs.ts'
import { inboundLoss, measuredIn } from '../../facts/queries/path/mtu.ts'
import { uplinkOf } from '../../facts/queries/runner/uplink.ts'
import { isAddress } from '../../net/ip.ts'
import { apart, follows, hostnamesOf, hostsOf, type Linking, open } from './link.ts'

/** Faults of names, which resolvers answer for. */
export const nameFaults = ['name-not-resolved', 'lookup-failed', 'resolver-dead', 'resolver-failing']

/** The networks of this runner are larger than its uplink: the path MTU that was measured shows whether that is the narrow link. */
export const byUplinkMtu: Linking = (then, _first, { path, runner }) => {
  const uplink = runner && uplinkOf(runner)
  const hosts = new Set(then.findings.map(({ subject }) => subject))
  const mtus = measuredIn(path)
    .filter(({ host }) => hosts.has(host))
    .flatMap((endpoint) => {
      const { outbound } = endpoint.found
      return inboundLoss(endpoint)?.mtu ?? (outbound.state === 'black-hole' ? outbound.mtu : [])
    })
  const [mtu] = mtus
  if (!uplink || mtu === undefined) return undefined
  if (mtus.some((one) => (one === uplink.mtu) !== (mtu === uplink.mtu)))
    return open(
      `the paths carry packets of up to ${firstOf([...new Set(mtus)].map(String))} bytes, and the uplink ${uplink.name} takes ${uplink.mtu}`,
    )
  return mtu === uplink.mtu
    ? follows(`the path carries packets of up to ${mtu} bytes, which is the MTU of the uplink ${uplink.name}`)
    : apart(
        `the path carries packets of up to ${mtu} bytes, and the uplink ${uplink.name} takes ${uplink.mtu}: another link is the narrow one`,
      )
}

/** Nothing beyond the gateway answers this step: then the hosts that failed are some of many. */
export const byNoEgress: Linking = (then, _first, { path, runner }) => {
  const { reached, gateway, silentHosts = [], silentResolvers = [] } = runner?.egress ?? { reached: true }
  if (reached || gateway === undefined) return undefined
  const subjects = hostnamesOf(then)
  const isSilent = nameFaults.includes(then.id)
    ? silentResolvers.length > 0 && subjects.every((subject) => !isAnswered(subject, path, silentResolvers))
    : subjects.every((host) => silentHosts.includes(host))
  if (!isSilent) return undefined
  const silent = nameFaults.includes(then.id)
    ? silentResolvers.map((resolver) => `the DNS server ${resolver}`)
    : subjects
  return follows(`nothing beyond the gateway ${gateway} answered this step, ${firstOf(silent)} included`)
}

/** Whether a resolver that is not among the silent ones is the subject, or was asked for the name that is. */
function isAnswered(subject: string, { names }: Facts['path'], silentResolvers: readonly string[]): boolean {
  if (isAddress(subject)) return !silentResolvers.includes(subject)
  const { answers = [] } = names?.names.find(({ name }) => name === subject) ?? {}
  return answers.some(({ resolver }) => !silentResolvers.includes(resolver))
}

/** So many packets ask for a connection before it times out (RFC 6298: at 0, 1 and 3 s). */
const packetsOfTimeout = 3

/** The kernel counts what it drops at a full table of connections: a connection that it drops is not refused, but times out. */
export const byConntrack: Linking = (then, _first, facts) => {
  const drops = (facts.runner && seenIn(facts.runner.conntrack)?.drops) ?? 0
  const timeouts = hostsOf(then).map((host) => timeoutsOf(host, facts))
  if (drops === 0 || timeouts.some((number) => number === 0)) return undefined
  const all = timeouts.reduce((sum, number) => sum + number, 0)
  const dropped = `the kernel dropped ${count(drops, 'packet')} at the full table while the requests were sent`
  return drops >= all * packetsOfTimeout
    ? follows(dropped)
    : open(
        `${dropped}, and ${count(all, 'connection')} timed out: whether these packets were theirs was not seen`,
      )
}

/** How many connections to a host timed out; 0 where one failed otherwise, or it is not known of any. */
function timeoutsOf(host: string, facts: Facts): number {
  const { log, legs = [] } = facts.path
  const failures = [
    ...log.filter(({ url }) => new URL(url).host === host).flatMap(({ failure }) => failure?.kind ?? []),
    ...legs.filter((leg) => leg.host === host).flatMap((leg) => legFailures(leg).map(({ kind }) => kind)),
  ]
  const known =
    failures.length > 0
      ? failures
      : failuresIn(facts)
          .flatMap(({ why }) => (why.host === host ? why.kind : []))
          .slice(0, 1)
  return known.every((kind) => kind === 'connection-timeout') ? known.length : 0
}
