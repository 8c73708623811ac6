import { isVersion6 } from '../../../net/ip.ts'
import type { Dial, PortTarget } from '../../runner.ts'

/** `0.3 ms`, `2.0 s`. */
export const msText = (ms: number): string =>
  ms < 1000 ? `${ms < 10 ? ms : Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`

/** `port 22`, `ports 22, 443 and 6443`; of many ports, the first six. */
export function portsText(dials: Dial[]): string {
  const ports = dials.slice(0, 6).map(({ port }) => String(port))
  const more = dials.length - ports.length
  const last = more > 0 ? `${more} more` : ports.pop()
  return ports.length === 0 ? `port ${last}` : `ports ${ports.join(', ')} and ${last}`
}

/** The verb for one port, or for several. */
export const verbFor = (dials: Dial[], one: string, several: string): string =>
  dials.length === 1 ? one : several

const roles: Record<PortTarget['name'], string> = {
  gateway: "the host, this container's gateway",
  node: 'the host',
  loopback: 'the host, over loopback',
  listener: 'named in listeners',
}

/** `172.17.0.1 (the host, this container's gateway)`. */
export const targetText = ({ address, name, host }: PortTarget): string =>
  `${address} (${host === undefined ? roles[name] : host})`

/** `172.17.0.1:22`, `[fd00::1]:22`. */
export const socketText = (address: string, port: number): string =>
  `${isVersion6(address) ? `[${address}]` : address}:${port}`

/** How a dial ended: `172.17.0.1:22 no answer in 2.0 s`. */
export const dialLine = (address: string, dial: Dial): string =>
  `${socketText(address, dial.port)} ${dialText(dial)}`

/** The canary ports of an address, in one line where they ended alike. */
export function canaryLines({ address, canaries }: PortTarget): string[] {
  const [first, ...others] = canaries
  if (first && others.every(({ result }) => result === first.result)) {
    return [`unused ${portsText(canaries)} of ${address}: ${dialText(first)}`]
  }
  return canaries.map((dial) => `${dialLine(address, dial)} (unused port)`)
}

/** The results of ping, UDP and ARP in one line. */
export function pingLine({ address, datagram, ...rest }: PortTarget): string {
  const udp =
    datagram === undefined ? '' : `; UDP to a closed port: ${datagram === 'silent' ? 'no answer' : datagram}`
  const arp = rest.neighbour === undefined ? '' : '; no ARP reply'
  return `ping ${address}: ${pingText(rest)}${udp}${arp}`
}

function dialText({ result, ms, code, banner, bannerMs = 0 }: Dial): string {
  const after = `after ${msText(ms)}`
  switch (result) {
    case 'open':
      return `open ${after}${banner === undefined ? '' : `, ${bannerTexts[banner]} ${msText(bannerMs)}`}`
    case 'timeout':
      return `no answer in ${msText(ms)}`
    case 'refused':
      return `refused ${after}`
    default:
      return `${code} ${after}`
  }
}

const bannerTexts = {
  came: 'greeting after',
  closed: 'closed by the service after',
  silent: 'no greeting in',
}

/** How a ping ended. */
export function pingText({
  ping,
  pingMs = 0,
  pingSaid,
}: Pick<PortTarget, 'ping' | 'pingMs' | 'pingSaid'>): string {
  switch (ping) {
    case 'answered':
      return `answered after ${msText(pingMs)}`
    case 'silent':
      return `no answer in ${msText(pingMs)}`
    case 'unreachable':
      return `${pingSaid ?? 'unreachable'} after ${msText(pingMs)}`
    case 'not possible':
      return `not possible here: ${pingSaid ?? 'reason unknown'}`
  }
}
