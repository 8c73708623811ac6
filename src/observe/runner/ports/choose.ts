import { isIP, isIPv6 } from 'node:net'
import type { ListenerFact, PortsFact } from '../../../facts/runner.ts'
import { addressClass } from '../../../net/address-class.ts'
import type { Listener } from '../../../settings/plan/listeners.ts'
import type { Wanted } from './target.ts'

/** SSH, the API of Kubernetes, HTTPS: what most hosts of runners have, and the first that is missed. */
const usual = [22, 6443, 443]
/** FTP, SSH, SMTP, POP3, IMAP, MySQL, VNC: their servers speak first. */
const speakFirst = new Set([21, 22, 25, 110, 143, 587, 3306, 5900])
const sshServers = /^(?:sshd|dropbear)/
/** A port of a container that Docker or Podman forwards never reaches the host's own sockets. */
const forwarders = /^(?:docker-proxy|rootlessport|rootlesskit|conmon)/
/** At most so many ports and addresses, of what was read rather than named. */
const maxPorts = 16
const maxAddresses = 3

export interface Choice {
  /** In the host's own namespace a gateway is somebody else: nothing but the host's own addresses is dialled from there. */
  from: 'container' | 'host'
  named: (Listener & { address?: string; why?: string })[]
  /** Sockets that the host listens on; undefined where they could not be read. */
  sockets: ListenerFact[] | undefined
  gateways: string[]
  /** Addresses of the host itself, other than gateways of containers; with `from: 'host'`, all that may be dialled. */
  own: string[]
}

/** Which ports of which addresses to dial, and what of the setting had to be left out. */
export function chooseTargets(choice: Choice): Pick<PortsFact, 'chosen'> & {
  wanted: Wanted[]
  skipped: NonNullable<PortsFact['skipped']>
} {
  const { from, named, sockets } = choice
  const own = choice.own.filter((address) => addressClass(address) !== 'link-local')
  const here = ownAddresses(choice, own)
  const skipped: NonNullable<PortsFact['skipped']> = []
  if (named.length === 0) {
    const chosen = sockets ? 'listeners' : 'usual'
    const wanted = (sockets ? here : here.slice(0, Math.max(1, choice.gateways.length))).map((target) => ({
      ...target,
      ports: sockets ? listeningAt(target.address, sockets) : usual.map((port) => portOf(port)),
    }))
    return { chosen, wanted, skipped }
  }
  const wanted = new Map<string, Wanted>()
  const add = (target: Omit<Wanted, 'ports'>, port: number) => {
    const known = wanted.get(target.address) ?? { ...target, ports: [] }
    wanted.set(target.address, known)
    if (!known.ports.some((one) => one.port === port)) known.ports.push(portOf(port, sockets))
  }
  for (const { host, address, port, why } of named) {
    const what = host === undefined ? `:${port}` : `${isIPv6(host) ? `[${host}]` : host}:${port}`
    if (why !== undefined) {
      skipped.push({ what, why })
    } else if (host === undefined) {
      const first = here.filter(({ name }) => name !== 'node')
      if (first.length === 0) skipped.push({ what, why: noGateway })
      for (const target of first) add(target, port)
    } else if (address === undefined) {
      throw new Error('a name was neither resolved nor given up')
    } else if (from === 'container' && addressClass(address) === 'loopback') {
      skipped.push({ what, why: `${address} is this container itself; “:${port}” means the host` })
    } else if (from === 'host' && addressClass(address) !== 'loopback' && !own.includes(address)) {
      skipped.push({ what, why: `${address} is no address of this host, and others are not dialled from it` })
    } else {
      const target = here.find((one) => one.address === address) ?? { address, name: 'listener' as const }
      add({ ...target, ...(isIP(host) ? {} : { host }) }, port)
    }
  }
  return { chosen: 'settings', wanted: [...wanted.values()], skipped }
}

export const noGateway =
  'this container has no default route: its networks are internal, and the host has no address here'

function ownAddresses({ from, gateways }: Choice, own: string[]): Omit<Wanted, 'ports'>[] {
  const first: Omit<Wanted, 'ports'>[] =
    from === 'host'
      ? [{ address: '127.0.0.1', name: 'loopback' }]
      : gateways.map((address) => ({ address, name: 'gateway' }))
  const taken = new Set(first.map(({ address }) => address))
  const others = own.filter((address) => !taken.has(address) && addressClass(address) !== 'loopback')
  return [...first, ...others.slice(0, maxAddresses).map((address) => ({ address, name: 'node' as const }))]
}

/** Ports with a socket that takes connections to this address: the usual ones first, then from the lowest up. */
function listeningAt(address: string, sockets: ListenerFact[]): Wanted['ports'] {
  const every = isIPv6(address) ? ['::'] : ['0.0.0.0', '::']
  const open = sockets.filter(
    (socket) =>
      (socket.address === address || every.includes(socket.address)) &&
      !forwarders.test(socket.program ?? ''),
  )
  const rank = (port: number) => (usual.includes(port) ? usual.indexOf(port) : usual.length + port)
  const ports = [...new Set(open.map(({ port }) => port))].toSorted((a, b) => rank(a) - rank(b))
  return ports.slice(0, maxPorts).map((port) => portOf(port, open))
}

const portOf = (port: number, sockets: ListenerFact[] = []): Wanted['ports'][number] => ({
  port,
  speaksFirst:
    speakFirst.has(port) ||
    sockets.some((socket) => socket.port === port && sshServers.test(socket.program ?? '')),
})
