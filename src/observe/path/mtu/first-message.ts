import { isAddress, withoutBrackets } from '../../../net/ip.ts'
import { helloOf, largeHello, smallHello } from './client-hello.ts'

/** The first message of a client, in the sizes that are sent. */
export interface FirstMessage {
  small: Buffer
  /** Larger than a packet on Ethernet. */
  large: Buffer
  /** One of exactly this length. */
  ofLength: (bytes: number) => Promise<Buffer>
}

/** A ClientHello to the host of a URL, or a request for it in plain HTTP. */
export async function messageFor(url: URL): Promise<FirstMessage> {
  const { protocol, hostname } = url
  if (protocol === 'http:')
    return {
      small: request(url, 0),
      large: request(url, largeRequest),
      ofLength: async (bytes) => request(url, bytes),
    }
  const servername = isAddress(withoutBrackets(hostname)) ? undefined : hostname
  return {
    small: await smallHello(servername),
    large: await largeHello(servername),
    ofLength: (bytes) => helloOf(servername, bytes),
  }
}

const largeRequest = 1560

/** A request, filled up to this length by a header that no server knows. */
function request({ host, pathname }: URL, bytes: number): Buffer {
  const lines = (padding: string) =>
    Buffer.from(`GET ${pathname} HTTP/1.1\r\nHost: ${host}\r\nX-Padding: ${padding}\r\n\r\n`)
  return lines('-'.repeat(Math.max(0, bytes - lines('').length)))
}
