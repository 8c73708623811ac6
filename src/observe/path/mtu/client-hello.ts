import { Duplex } from 'node:stream'
import { connect } from 'node:tls'

/** Groups whose key shares are small. */
const smallGroups = 'X25519:P-256:P-384'

/** The size of a ClientHello with the key share X25519MLKEM768, as Go 1.24 and later send it. */
const largeBytes = 1560

/** A ClientHello of some 300 to 500 bytes, which fits into any packet. */
export const smallHello = (servername: string | undefined): Promise<Buffer> => helloWith(servername, [])

/** A ClientHello with the largest key shares that this Node has; filled up where these are small (OpenSSL before 3.5). */
export async function largeHello(servername: string | undefined): Promise<Buffer> {
  const hello = await writtenBy({ ...serverOf(servername), ALPNProtocols: ['http/1.1'] })
  return hello.length >= largeBytes ? hello : helloOf(servername, largeBytes)
}

/** A ClientHello of exactly this length: filled up with protocol names that no server knows, after one that all know. */
export async function helloOf(servername: string | undefined, length: number): Promise<Buffer> {
  const { length: base } = await smallHello(servername)
  return helloWith(servername, namesOf(length - base))
}

const longestName = 200

/** Names that take this many bytes, each with one byte for its length. */
function namesOf(bytes: number): string[] {
  const names: string[] = []
  let left = bytes
  while (left > 1) {
    // Never leaves one byte, which no name fits into.
    const size = left <= longestName + 1 ? left : Math.min(longestName, left - 2)
    names.push('-'.repeat(size - 1))
    left -= size
  }
  return names
}

const helloWith = (servername: string | undefined, names: string[]): Promise<Buffer> =>
  writtenBy({
    ...serverOf(servername),
    ecdhCurve: smallGroups,
    ALPNProtocols: ['http/1.1', ...names],
  })

const serverOf = (servername: string | undefined) => (servername === undefined ? {} : { servername })

/** What TLS writes first on a connection with these options. */
function writtenBy(options: { servername?: string; ecdhCurve?: string; ALPNProtocols: string[] }) {
  return new Promise<Buffer>((done) => {
    const socket = new Duplex({
      read: () => {},
      write: (chunk: Buffer, _encoding, written) => {
        done(chunk)
        written()
        setImmediate(() => tls.destroy())
      },
    })
    const tls = connect({ socket, ...options })
    tls.on('error', () => {})
  })
}
