import * as z from 'zod'
import { areaSchema } from '../../core/observed.ts'

/** Sizes are those of IP packets in bytes, so that they compare with the MTU of a link. */
const direction = z.discriminatedUnion('state', [
  /** Packets as large as this side or the server sends them arrive; `mtu` is the largest one that did. */
  z.object({ state: z.literal('open'), mtu: z.number() }),
  /**
   * `mtu`: the largest packet that arrives. Packets of `lost` bytes do not, and nobody reports it; that is one byte more, unless sizes
   * between them could not be tested.
   */
  z.object({ state: z.literal('black-hole'), mtu: z.number(), lost: z.number() }),
  z.object({ state: z.literal('unknown'), why: z.string() }),
])
/** The path MTU in one direction. */
export type MtuDirection = z.infer<typeof direction>

/** `answered`: the server sent something back. `received`: its TCP acknowledged all of it. `unsent`: no connection was opened. */
const delivery = z.enum(['answered', 'received', 'lost', 'unsent'])
export type Delivery = z.infer<typeof delivery>

/** What Linux reports of a connection (TCP_INFO). */
const tcpInfo = z.object({
  bytesAcked: z.number(),
  bytesReceived: z.number(),
  /** Segments with data that arrived, in order or not. */
  segmentsIn: z.number(),
  /** Segments that arrived after a gap: an earlier one is missing. */
  outOfOrder: z.number(),
  /** The data that one segment holds, without the TCP options of every segment. */
  mss: z.number(),
  /** The largest segment that arrived; 536 until a larger one does. */
  largestIn: z.number(),
  /** What this side told the server to send at most, without these options. */
  advertisedMss: z.number(),
  /** The MTU of the route, which an ICMP message may have lowered for 10 minutes. */
  pmtu: z.number(),
  /** The bytes of these options: 12 with timestamps. */
  optionBytes: z.number(),
})
export type TcpInfo = z.infer<typeof tcpInfo>

const measurement = z.object({
  /** From the server to here. */
  inbound: direction,
  /** From here to the server. */
  outbound: direction,
  /** The first message of a client, in the sizes that clients send it. */
  firstMessage: z.object({
    small: delivery,
    /** As Go 1.24 and later, or OpenSSL 3.5, send it: a ClientHello with a post-quantum key share, larger than one packet. */
    large: delivery,
    /** The large one, as two small packets. */
    split: delivery,
  }),
  largeBytes: z.number(),
  /** The connection with the small message, when its time was over or the response had come. */
  connection: tcpInfo,
  probes: z.number(),
})
export type MtuMeasurement = z.infer<typeof measurement>

const endpoint = z.object({
  /** Name and port, as in the URL. */
  host: z.string(),
  address: z.string(),
  port: z.number(),
  protocol: z.enum(['http', 'https']),
  /** `failure`: a request to it timed out. */
  reason: z.enum(['failure', 'setting']),
  /** The first connection to it on which a TLS handshake timed out, when that time was over. */
  stall: tcpInfo.exactOptional(),
  measured: areaSchema(measurement),
})
/** The path MTU to one address of a host. */
export type MtuEndpoint = z.infer<typeof endpoint>

export const mtuSchema = z.array(endpoint)
