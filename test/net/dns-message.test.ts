import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeQuery, parseResponse } from '../../src/net/dns-message.ts'
import { alias, ipv4, ipv6, responseTo } from '../support/dns-records.ts'

const query = (name: string, type: 'A' | 'AAAA' = 'A') => {
  const message = encodeQuery(0x1234, name, type)
  if (!message) throw new Error('no query')
  return message
}

describe('a query', () => {
  test('has the form of RFC 1035: header, name, type, class', () => {
    expect(Buffer.from(query('ab.example', 'AAAA')).toString('hex')).toBe(
      '123401000001000000000000' + '026162' + '076578616d706c65' + '00' + '001c' + '0001',
    )
  })
  test.each(['', '.', 'a..b', `${'a'.repeat(64)}.example`, `${'abc.'.repeat(64)}example`])(
    'cannot be for %j',
    (name) => {
      expect(encodeQuery(1, name, 'A')).toBeUndefined()
    },
  )
})

describe('a response', () => {
  test('has its addresses of both families, and aliases', () => {
    const message = responseTo(query('www.example'), {
      records: [
        alias('www.example', 'web.example'),
        ipv4('web.example', '10.0.0.5'),
        ipv6('web.example', 'fd00::5'),
      ],
    })
    expect(parseResponse(message)).toEqual({
      id: 0x1234,
      question: { name: 'www.example', type: 1 },
      truncated: false,
      code: 0,
      aliases: [{ name: 'www.example', target: 'web.example' }],
      addresses: [
        { name: 'web.example', type: 'A', address: '10.0.0.5' },
        { name: 'web.example', type: 'AAAA', address: 'fd00::5' },
      ],
    })
  })
  test('has its code, and whether it is truncated', () => {
    expect(parseResponse(responseTo(query('a.example'), { code: 3 }))).toMatchObject({
      code: 3,
      truncated: false,
    })
    expect(parseResponse(responseTo(query('a.example'), { truncated: true }))).toMatchObject({
      truncated: true,
    })
  })
  test('reads compressed names', () => {
    const message = Buffer.concat([
      responseTo(query('www.example'), { records: [], count: 1 }),
      Buffer.from('c00c' + '0001' + '0001' + '0000003c' + '0004' + '0a000005', 'hex'),
    ])
    expect(parseResponse(message)?.addresses).toEqual([
      { name: 'www.example', type: 'A', address: '10.0.0.5' },
    ])
  })
  test.each([
    ['a query', Buffer.from(query('a.example'))],
    ['nothing', Buffer.alloc(0)],
    ['text', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['a response that ends early', responseTo(query('a.example'), { records: [], count: 1 })],
    [
      'a pointer that leads to itself',
      Buffer.concat([
        responseTo(query('a.example'), { records: [], count: 1 }),
        Buffer.from('c01b0001000100000000', 'hex'),
      ]),
    ],
  ])('is not %s', (_what, message) => {
    expect(parseResponse(message)).toBeUndefined()
  })
})

test('no bytes make it throw, and only a response is read', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const response = parseResponse(bytes)
      if (response) expect((bytes[2] ?? 0) & 0x80).toBe(0x80)
    }),
    { numRuns: 2000 },
  )
})

test('no change of a response makes it throw', () => {
  const message = responseTo(query('www.example'), {
    records: [alias('www.example', 'web.example'), ipv4('web.example', '10.0.0.5')],
  })
  fc.assert(
    fc.property(fc.nat(message.length - 1), fc.integer({ min: 0, max: 255 }), (at, value) => {
      const changed = Buffer.from(message)
      changed[at] = value
      for (const { address } of parseResponse(changed)?.addresses ?? [])
        expect(address).toMatch(/^[\d.a-f:]+$/)
    }),
    { numRuns: 2000 },
  )
})
