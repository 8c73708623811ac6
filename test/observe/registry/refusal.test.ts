import { Readable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { maxErrorBytes, readRefusal } from '../../../src/observe/registry/refusal.ts'

/** What is read of a response with this body. */
function read(body: string, contentType?: string) {
  return readRefusal({
    ...{
      status: 503,
      host: 'registry.test',
      url: 'https://registry.test/v2/',
      fromStorage: false,
      encoding: '',
    },
    header: (name) => (name === 'content-type' ? contentType : undefined),
    headers: () => [],
    body: Readable.from([Buffer.from(body)]),
    signal: new AbortController().signal,
    count: () => {},
    discard: () => {},
  })
}

describe('a page for people', () => {
  test.each([
    '<!doctype html><title>Down</title>',
    '<!DOCTYPE  HTML PUBLIC "-//W3C//DTD"><title>Down</title>',
    '\r\n  <html lang="en"><head><title>Down</title>',
    '<HTML><TITLE>Down</TITLE>',
    '<head><title>Down</title></head>',
    '<body><title> Down\n</title></body>',
  ])('is known by its beginning, whatever its type: %j', async (body) => {
    const page = { status: 503, code: '', message: 'Down', html: true }
    expect(await read(body, 'text/plain')).toEqual(page)
    expect(await read(body)).toEqual(page)
  })

  test.each(['text/html', 'Text/HTML; charset=utf-8'])(
    'is known by its type %s, whatever its beginning',
    async (type) => {
      expect(await read('<p>Down</p>', type)).toEqual({
        status: 503,
        code: '',
        message: '<p>Down</p>',
        html: true,
      })
    },
  )
})

test.each([
  'no healthy upstream',
  'see <html>',
  '<Error><Code>SlowDown</Code></Error>',
  '<?xml version="1.0"?><title>x</title>',
])('any other text is its own message: %j', async (body) => {
  expect(await read(` ${body}\n`, 'text/plain')).toEqual({
    status: 503,
    code: '',
    message: body,
    html: false,
  })
})

test('an error document gives its first code and message, even where its type is that of a page', async () => {
  const errors = [
    { code: 'UNAVAILABLE', message: 'storage is down', detail: {} },
    { code: 'SECOND', message: 'x' },
  ]
  const known = { status: 503, code: 'UNAVAILABLE', message: 'storage is down', html: false }
  expect(await read(JSON.stringify({ errors }), 'application/json')).toEqual(known)
  expect(await read(JSON.stringify({ errors }), 'text/html')).toEqual(known)
  expect(await read('{"errors":[]}')).toEqual({
    status: 503,
    code: '',
    message: '{"errors":[]}',
    html: false,
  })
})

test('no more than 64 KiB are read', async () => {
  expect(maxErrorBytes).toBe(65_536)
  expect((await read('x'.repeat(maxErrorBytes + 1))).message).toBe('x'.repeat(maxErrorBytes))
})
