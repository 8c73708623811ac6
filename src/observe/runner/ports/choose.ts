import { isIP, isIPv6 } from 'node:net'
import type { ListenerFact, PortsFact } from '../../../facts/runner.ts'
import { addressClass, isLoopback } from '../../../net/address-class.ts'
import type { Listener } from '../../../settings/plan/listeners.ts'
import type { DialTarget } from './target.ts'

/** SSH, the Kubernetes API, HTTPS: open on most runner hosts, and missed first in an outage. */
const defaultPorts = [22, 6443, 443]
/** FTP, SSH, SMTP, POP3, IMAP, MySQL, VNC: protocols in which the server speaks first. */
const speakFirst = new Set([21, 22, 25, 110, 143, 587, 3306, 5900])
const sshServers = /^(?:sshd|dropbear)/
/** Programs that forward published ports of containers: such ports do not lead to the host's own services. */
const forwarders = /^(?:docker-proxy|rootlessport|rootlesskit|conmon)/
/** Limits for ports and addresses that were read from the host; those in the setting are all dialled. */
const maxPorts = 16
const maxAddresses = 3

export interface TargetSources {
  /** From the host's own namespace the gateway is another machine: only the host's own addresses are dialled. */
  from: 'container' | 'host'
  /** The items of the setting `listeners`, each with its resolved address or why it is skipped. */
  named: (Listener & { address?: string; why?: string })[]
  /** The host's listening sockets; undefined where they could not be read. */
  sockets: ListenerFact[] | undefined
  gateways: string[]
  /** The host's own addresses other than container gateways; with `from: 'host'`, only these and loopback are dialled. */
  own: string[]
}

/** The addresses and ports to dial, and the items of the setting that are skipped. */
export function chooseTargets(choice: TargetSources): Pick<PortsFact, 'chosen'> & {
  toDial: DialTarget[]
  skipped: NonNullable<PortsFact['skipped']>
} {
  const { from, named, sockets } = choice
  // Without a default route of the family, as in an internal network, no container reaches the host's other addresses.
  const own = choice.own
    .filter((address) => addressClass(address) !== 'link-local')
    .filter((address) => from === 'host' || choice.gateways.some((one) => isIPv6(one) === isIPv6(address)))
  const hostTargets = hostTargetsOf(choice, own)
  const skipped: NonNullable<PortsFact['skipped']> = []
  if (named.length === 0) {
    const chosen = sockets ? 'listeners' : 'usual'
    const toDial = (sockets ? hostTargets : hostTargets.slice(0, Math.max(1, choice.gateways.length))).map(
      (target) => ({
        ...target,
        ports: sockets ? listeningPorts(target.address, sockets) : defaultPorts.map((port) => portOf(port)),
      }),
    )
    return { chosen, toDial, skipped }
  }
  const toDial = new Map<string, DialTarget>()
  const add = (target: Omit<DialTarget, 'ports'>, port: number) => {
    const known = toDial.get(target.address) ?? { ...target, ports: [] }
    toDial.set(target.address, known)
    if (!known.ports.some((one) => one.port === port)) known.ports.push(portOf(port, sockets))
  }
  for (const { host, address, port, why } of named) {
    const what = host === undefined ? `:${port}` : `${isIPv6(host) ? `[${host}]` : host}:${port}`
    if (why !== undefined) {
      skipped.push({ what, why })
    } else if (host === undefined) {
      const first = hostTargets.filter(({ name }) => name !== 'node')
      if (first.length === 0) skipped.push({ what, why: noGateway })
      for (const target of first) add(target, port)
    } else if (address === undefined) {
      throw new Error('a listener has neither an address nor a reason to skip it')
    } else if (from === 'container' && isLoopback(address)) {
      skipped.push({ what, why: `${address} is this container itself; for the host, use “:${port}”` })
    } else if (from === 'host' && !isLoopback(address) && !own.includes(address)) {
      skipped.push({
        what,
        why: `${address} is not an address of this host; only its own addresses are dialled from the host`,
      })
    } else {
      const target = hostTargets.find((one) => one.address === address) ?? {
        address,
        name: 'listener' as const,
      }
      add({ ...target, ...(isIP(host) ? {} : { host }) }, port)
    }
  }
  return { chosen: 'settings', toDial: [...toDial.values()], skipped }
}

export const noGateway =
  'this container has no default route: its networks are internal, and the host has no address on them'

function hostTargetsOf({ from, gateways }: TargetSources, own: string[]): Omit<DialTarget, 'ports'>[] {
  const first: Omit<DialTarget, 'ports'>[] =
    from === 'host'
      ? [{ address: '127.0.0.1', name: 'loopback' }]
      : gateways.map((address) => ({ address, name: 'gateway' }))
  const listed = new Set(first.map(({ address }) => address))
  const others = own.filter((address) => !listed.has(address) && !isLoopback(address))
  return [...first, ...others.slice(0, maxAddresses).map((address) => ({ address, name: 'node' as const }))]
}

/** Ports that listen on this address: the default ports first, then in ascending order. */
function listeningPorts(address: string, sockets: ListenerFact[]): DialTarget['ports'] {
  const every = isIPv6(address) ? ['::'] : ['0.0.0.0', '::']
  const open = sockets.filter(
    (socket) =>
      (socket.address === address || every.includes(socket.address)) &&
      !forwarders.test(socket.program ?? ''),
  )
  const rank = (port: number) =>
    defaultPorts.includes(port) ? defaultPorts.indexOf(port) : defaultPorts.length + port
  const ports = [...new Set(open.map(({ port }) => port))].toSorted((a, b) => rank(a) - rank(b))
  return ports.slice(0, maxPorts).map((port) => portOf(port, open))
}

const portOf = (port: number, sockets: ListenerFact[] = []): DialTarget['ports'][number] => ({
  port,
  speaksFirst:
    speakFirst.has(port) ||
    sockets.some((socket) => socket.port === port && sshServers.test(socket.program ?? '')),
})
