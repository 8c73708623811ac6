import { randomInt } from 'node:crypto'
import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { connect } from 'node:net'
import type { LookupFact, LookupState } from '../../../facts/path/names.ts'
import { type DnsResponse, encodeQuery, parseResponse, type RecordType } from '../../../net/dns-message.ts'
import { canonicalHost, isVersion6 } from '../../../net/ip.ts'

/** One question to one resolver. */
export interface Question {
  resolver: string
  port: number
  name: string
  type: RecordType
  limitMs: number
  signal: AbortSignal
}

/**
 * Asks one resolver for one type of record, over UDP and, where the response does not fit, over TCP. Not with c-ares, which reports
 * garbage and truncation as silence and loops as a missing address. The hosts file plays no part.
 */
export async function ask(question: Question): Promise<LookupFact> {
  const since = performance.now()
  const id = randomInt(0x10000)
  const query = encodeQuery(id, question.name, question.type)
  if (!query) return { state: 'not-valid', addresses: [], ms: 0 }
  if (question.signal.aborted) return { state: 'silent', addresses: [], ms: 0 }
  const byUdp = await exchangeUdp(query, id, question)
  const left = question.limitMs - (performance.now() - since)
  const outcome =
    typeof byUdp === 'object' && byUdp.truncated
      ? await exchangeTcp(query, id, { ...question, limitMs: Math.max(1, left) })
      : byUdp
  const found = typeof outcome === 'string' ? { state: outcome, addresses: [] } : resultOf(outcome, question)
  return { ...found, ms: Math.round(performance.now() - since) }
}

type Outcome = DnsResponse | LookupState

function exchangeUdp(query: Uint8Array, id: number, question: Question): Promise<Outcome> {
  const { resolver, port, limitMs, signal } = question
  return new Promise((done) => {
    const socket = createSocket(isVersion6(resolver) ? 'udp6' : 'udp4')
    let hasGarbage = false
    const end = (outcome: Outcome) => {
      clearTimeout(timer)
      clearTimeout(again)
      signal.removeEventListener('abort', giveUp)
      socket.removeAllListeners()
      // An error that is reported after this has no meaning any more.
      socket.on('error', () => {})
      socket.close()
      done(outcome)
    }
    const giveUp = () => end(hasGarbage ? 'garbage' : 'silent')
    const timer = setTimeout(giveUp, limitMs)
    // A packet can get lost.
    const again = setTimeout(() => sendOn(socket, query), limitMs / 2)
    signal.addEventListener('abort', giveUp, { once: true })
    socket.on('error', (error) => end(stateOfError(error)))
    socket.on('message', (message) => {
      const response = parseResponse(message)
      if (response && answers(response, id, question)) end(response)
      else hasGarbage = true
    })
    // Only a connected socket is told that nothing listens; it receives from no other address.
    socket.on('connect', () => sendOn(socket, query))
    socket.connect(port, resolver)
  })
}

function sendOn(socket: UdpSocket, query: Uint8Array): void {
  socket.send(query, (error) => {
    if (error) socket.emit('error', error)
  })
}

/** `truncated` where the whole response does not come over TCP either. */
function exchangeTcp(query: Uint8Array, id: number, question: Question): Promise<Outcome> {
  const { resolver, port, limitMs, signal } = question
  return new Promise((done) => {
    const socket = connect({ host: resolver, port, signal })
    let received = Buffer.alloc(0)
    const end = (outcome: Outcome) => {
      clearTimeout(timer)
      socket.destroy()
      done(outcome)
    }
    const timer = setTimeout(() => end('truncated'), limitMs)
    socket.on('error', () => end('truncated'))
    socket.on('close', () => end('truncated'))
    socket.on('connect', () => socket.write(Buffer.concat([lengthOf(query), query])))
    socket.on('data', (data: Buffer) => {
      received = Buffer.concat([received, data])
      if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) return
      const response = parseResponse(received.subarray(2, 2 + received.readUInt16BE(0)))
      end(response && answers(response, id, question) ? response : 'truncated')
    })
  })
}

function lengthOf(query: Uint8Array): Buffer {
  const length = Buffer.alloc(2)
  length.writeUInt16BE(query.length)
  return length
}

/** Whether a response is one to this question: one to another could be forged, or late. */
const answers = ({ id, question }: DnsResponse, sent: number, { name }: Question): boolean =>
  id === sent && (question === undefined || question.name === canonicalHost(name))

function stateOfError(error: Error): LookupState {
  const code = 'code' in error ? error.code : undefined
  return code === 'ECONNREFUSED' ? 'closed' : 'unreachable'
}

/** What a response says of the name. Addresses count only at the end of its aliases. */
function resultOf(response: DnsResponse, { name, type }: Question): Omit<LookupFact, 'ms'> {
  const { code, aliases } = response
  const states: Record<number, LookupState> = { 3: 'no-such-name', 5: 'refused' }
  if (code !== 0) return { state: states[code] ?? 'server-failed', addresses: [] }
  const passed = new Set<string>()
  let end = canonicalHost(name)
  for (;;) {
    if (passed.has(end)) return { state: 'cname-loop', addresses: [] }
    passed.add(end)
    const alias = aliases.find((one) => one.name === end)
    if (!alias) break
    end = alias.target
  }
  const found = response.addresses.filter((one) => one.type === type && one.name === end)
  const addresses = [...new Set(found.map(({ address }) => address))].slice(0, maxAddresses)
  return { state: addresses.length > 0 ? 'found' : 'no-data', addresses }
}

const maxAddresses = 32
