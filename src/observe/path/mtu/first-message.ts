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

/** A ClientHello, or a request in plain HTTP, to a host; `hostname` is that of its URL. */
export async function messageFor({
  protocol,
  hostname,
}: {
  protocol: 'http' | 'https'
  hostname: string
}): Promise<FirstMessage> {
  if (protocol === 'http')
    return {
      small: request(hostname, 0),
      large: request(hostname, largeRequest),
      ofLength: async (bytes) => request(hostname, bytes),
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
function request(hostname: string, bytes: number): Buffer {
  const lines = (padding: string) =>
    Buffer.from(`GET /v2/ HTTP/1.1\r\nHost: ${hostname}\r\nX-Padding: ${padding}\r\n\r\n`)
  return lines('-'.repeat(Math.max(0, bytes - lines('').length)))
}
