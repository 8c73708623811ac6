import { expect, test } from 'vitest'
import { ask } from '../../../../src/observe/path/names/ask.ts'
import { alias, ipv4, ipv6 } from '../../../support/dns-records.ts'
import { type DnsHandler, useDnsServers } from '../../../support/dns-server.ts'

const startServers = useDnsServers()
const name = 'registry.example'

async function answerOf(handler: DnsHandler, type: 'A' | 'AAAA' = 'A', limitMs = 2000) {
  const [server] = await startServers({ '127.0.0.7': handler })
  const { port = 0, address = '' } = server ?? {}
  const signal = new AbortController().signal
  return ask({ resolver: address, port, name, type, limitMs, signal })
}

test.each<[string, DnsHandler, { state: string; addresses?: string[] }]>([
  [
    'its addresses',
    () => ({ records: [ipv4(name, '10.0.0.5'), ipv4(name, '10.0.0.6'), ipv4(name, '10.0.0.5')] }),
    { state: 'found', addresses: ['10.0.0.5', '10.0.0.6'] },
  ],
  [
    'the address behind an alias',
    () => ({ records: [alias(name, 'web.example'), ipv4('web.example', '10.0.0.5')] }),
    { state: 'found', addresses: ['10.0.0.5'] },
  ],
  [
    'no address of another name',
    () => ({ records: [ipv4('web.example', '10.0.0.5')] }),
    { state: 'no-data' },
  ],
  ['no address of the other family', () => ({ records: [ipv6(name, 'fd00::5')] }), { state: 'no-data' }],
  ['NXDOMAIN', () => ({ code: 3 }), { state: 'no-such-name' }],
  ['SERVFAIL', () => ({ code: 2 }), { state: 'server-failed' }],
  ['REFUSED', () => ({ code: 5 }), { state: 'refused' }],
  ['NOTIMP', () => ({ code: 4 }), { state: 'server-failed' }],
  [
    'a loop of two aliases',
    () => ({ records: [alias(name, 'b.example'), alias('b.example', name)] }),
    { state: 'cname-loop' },
  ],
  ['an alias of itself', () => ({ records: [alias(name, name)] }), { state: 'cname-loop' }],
])('a server that answers with %s', async (_what, handler, expected) => {
  expect(await answerOf(handler)).toMatchObject({ addresses: [], ...expected })
})

test('IPv6 addresses are asked for by AAAA', async () => {
  const handler: DnsHandler = (_name, type) => ({
    records: [type === 'AAAA' ? ipv6(name, 'fd00::5') : ipv4(name, '10.0.0.5')],
  })
  expect(await answerOf(handler, 'AAAA')).toMatchObject({ state: 'found', addresses: ['fd00::5'] })
})

test('a truncated response is fetched whole over TCP', async () => {
  const handler: DnsHandler = (_name, _type, over) =>
    over === 'udp' ? { truncated: true } : { records: [ipv4(name, '10.0.0.5')] }
  expect(await answerOf(handler)).toMatchObject({ state: 'found', addresses: ['10.0.0.5'] })
})

test.each<[string, DnsHandler]>([
  ['does not answer', (_name, _type, over) => (over === 'udp' ? { truncated: true } : 'silence')],
  ['sends garbage', (_name, _type, over) => (over === 'udp' ? { truncated: true } : Buffer.from('garbage'))],
])('it is truncated where TCP %s', async (_what, handler) => {
  expect(await answerOf(handler, 'A', 300)).toMatchObject({ state: 'truncated' })
})

test('silence ends after the limit', async () => {
  const [server] = await startServers({ '127.0.0.7': () => 'silence' })
  const { port = 0 } = server ?? {}
  const signal = new AbortController().signal
  const found = await ask({ resolver: '127.0.0.7', port, name, type: 'A', limitMs: 200, signal })
  expect(found.state).toBe('silent')
  expect(found.ms).toBeGreaterThanOrEqual(195)
})

test('garbage, and the response to another query, are no answer', async () => {
  expect(await answerOf(() => Buffer.from('not DNS'), 'A', 200)).toMatchObject({ state: 'garbage' })
  const other = Buffer.from('ffff81800001000000000000000001000100', 'hex')
  expect(await answerOf(() => other, 'A', 200)).toMatchObject({ state: 'garbage' })
})

test('the query is sent again after half of the limit: an answer to the second counts', async () => {
  let sent = 0
  const handler: DnsHandler = () => {
    sent += 1
    return sent === 1 ? 'silence' : { records: [ipv4(name, '10.0.0.5')] }
  }
  expect(await answerOf(handler, 'A', 4000)).toMatchObject({ state: 'found' })
})

test('a closed port is told from silence, at once', async () => {
  const [server] = await startServers({ '127.0.0.7': () => 'silence' })
  const signal = new AbortController().signal
  const question = { port: server?.port ?? 0, name, type: 'A' as const, limitMs: 60_000, signal }
  expect(await ask({ ...question, resolver: '127.0.0.9' })).toMatchObject({ state: 'closed' })
})

test('an address without a route is unreachable, at once', async () => {
  const signal = new AbortController().signal
  const question = { port: 53, name, type: 'A' as const, limitMs: 60_000, signal }
  expect(await ask({ ...question, resolver: '255.255.255.255' })).toMatchObject({ state: 'unreachable' })
})

test('a stopped run ends the question', async () => {
  const [server] = await startServers({ '127.0.0.7': () => 'silence' })
  const stop = new AbortController()
  const asking = ask({
    ...{ resolver: '127.0.0.7', port: server?.port ?? 0, name, type: 'A', limitMs: 60_000 },
    signal: stop.signal,
  })
  stop.abort()
  expect(await asking).toMatchObject({ state: 'silent' })
  const late = { resolver: '127.0.0.7', port: server?.port ?? 0, name, type: 'A' as const, limitMs: 60_000 }
  expect(await ask({ ...late, signal: stop.signal })).toMatchObject({ state: 'silent' })
})

test('what cannot be a name is not asked', async () => {
  const signal = new AbortController().signal
  const question = { resolver: '127.0.0.7', port: 9, type: 'A' as const, limitMs: 60_000, signal }
  expect(await ask({ ...question, name: `${'a'.repeat(64)}.example` })).toMatchObject({ state: 'not-valid' })
})
