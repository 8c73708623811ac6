import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parsePull } from '../../../src/facts/cluster/messages/parse.ts'
import { evidenceText, withoutUrlSecrets } from '../../../src/facts/cluster/messages/redact.ts'
import { messageShapes } from '../../../src/facts/cluster/messages/shapes.ts'
import { unwrap } from '../../../src/facts/cluster/messages/unwrap.ts'
import { pullSamples } from '../../support/cluster/pull-messages.ts'

describe('messages of pulls', () => {
  test.each(pullSamples)('$by: $message', ({ message, expected: { image, ...error } }) => {
    const parsed = parsePull(message, image === undefined ? 'registry.example.com/team/app:1.2' : undefined)
    expect(parsed.error).toMatchObject(error)
    if (image !== undefined) expect(parsed.image).toBe(image)
  })

  test('every row of the table has a sample that it decides', () => {
    const decided = new Set(
      pullSamples.map(({ message }) =>
        messageShapes.findIndex(({ shape }) => shape.test(unwrap(message).text)),
      ),
    )
    const without = messageShapes.filter((_, at) => !decided.has(at)).map(({ shape }) => shape.source)
    expect(without).toEqual([])
  })

  test('ports, digests and durations of one fault give one cause', () => {
    const one = (port: number, seconds: number) =>
      parsePull(
        `Failed to pull image "a.example.com/b:1": failed to copy: read tcp 10.0.1.5:${port}->203.0.113.7:443: read: connection reset by peer after ${seconds}s`,
      ).error
    expect(one(53422, 1)).toEqual(one(60001, 93))
  })

  test.each([401, 403, 404, 429, 500, 503])('port %i is no status', (port) => {
    const { error } = parsePull(
      `Failed to pull image "a.example.com/b:1": failed to copy: read tcp 10.0.1.5:${port}->203.0.113.7:443: read: connection reset by peer`,
    )
    expect(error).toMatchObject({ kind: 'connection-cut', phase: 'body' })
    expect(error.status).toBeUndefined()
  })

  test('a public host is not taken for the mirror that names it', () => {
    const { error } = parsePull(
      'failed to resolve reference "a.example.com/b:1": unexpected status from HEAD request to https://mirror.lan:5000/v2/b/manifests/1?ns=a.example.com: 404 Not Found',
      'a.example.com/b:1',
    )
    expect(error).toMatchObject({ host: 'mirror.lan:5000', leg: 'mirror', kind: 'mirror-miss', status: 404 })
  })
})

describe('hostile messages', () => {
  test('signatures, logins and tokens of URLs are not kept', () => {
    const text = evidenceText(
      'Get "https://ci:s3cr3t@b.s3.example.net/x?X-Amz-Signature=0a1b2c&verify=zzz": EOF\nsig=topsecret Bearer abcdefgh12345678',
    )
    expect(text).toBe('Get "https://b.s3.example.net/x": EOF / sig=… Bearer …')
  })

  test('a query is gone however it ends', () => {
    for (const end of ['', ' x', '"', "'", '>', '\n'])
      expect(withoutUrlSecrets(`https://h/p?sig=SECRET#SECRET${end}`)).not.toContain('SECRET')
  })

  test('any text gives a cause, and evidence of one line that is not long', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 600 }), fc.nat(3), (text, repeated) => {
        const { error, text: evidence } = parsePull(`${text}${' lookup dial tcp '.repeat(repeated * 20)}`)
        expect(error.host.length).toBeLessThan(9000)
        expect(evidence).not.toMatch(/[\r\n]/)
        expect(evidence.length).toBeLessThanOrEqual(301)
      }),
    )
  })
})
