import { createServer } from 'node:http'
import { createServer as createTcp, type Server } from 'node:net'
import { constants, gzipSync, zstdCompressSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import {
  blob,
  contentsOf,
  digestOf,
  image,
  type Layer,
  layerType,
  manifest,
} from '../../src/fake-registry/images/images.ts'
import { useRegistries, useServers } from '../observe/kit.ts'
import { challenging, login, pushSmall, users } from '../observe/registry/people.ts'
import { outcomeOf, tameRuns } from './tame.ts'

const start = useRegistries()
const serve = useServers()
const indexType = 'application/vnd.oci.image.index.v1+json'

/** A server that answers every request with the same bytes. */
const saying = (...parts: (string | Buffer)[]): Server =>
  createTcp((socket) => {
    socket.on('error', () => {})
    socket.once('data', () => {
      for (const part of parts) socket.write(part)
      socket.end()
    })
  })

describe('headers of a hostile size', () => {
  const million = 'x: y\r\n'.repeat(1_000_000)
  test.each([
    ['a million of them', `HTTP/1.1 200 OK\r\n${million}\r\n`],
    ['one of a megabyte', `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(1024 * 1024)}\r\n\r\n`],
    ['a name of a megabyte', `HTTP/1.1 200 OK\r\n${'y'.repeat(1024 * 1024)}: x\r\n\r\n`],
    ['informational answers without number', 'HTTP/1.1 103 Early Hints\r\nlink: <x>\r\n\r\n'.repeat(20_000)],
  ])('%s give one finding', async (_, bytes) => {
    const { host } = await serve(saying(bytes))
    const runs = await tameRuns([`${host}/app:1`])
    const [exitCode, ids] = outcomeOf(runs)
    expect(exitCode).toBe(3)
    expect(ids).toHaveLength(1)
    expect(['answer-invalid', 'connection-cut']).toContain(ids[0])
  })

  test('of a challenge, of 60 KB, are read in no time', async () => {
    const registry = await start()
    const { reference } = pushSmall(registry)
    const words = `Bearer ${'a="\\'.repeat(7000)}${',,,, '.repeat(4000)}`
    registry.faults.add({ path: /\/manifests\// }, challenging(words))
    const runs = await tameRuns([reference])
    expect(outcomeOf(runs)).toEqual([3, ['auth-challenge-invalid']])
  })
})

describe('JSON nested half a million deep', () => {
  const deep = `${'['.repeat(500_000)}${']'.repeat(500_000)}`
  const deepObject = `${'{"a":'.repeat(500_000)}1${'}'.repeat(500_000)}`

  test.each([
    ['alone', deep],
    ['as an object in the list of children', `{"schemaVersion":2,"manifests":[${deepObject}]}`],
    ['in the list of children', `{"schemaVersion":2,"manifests":${deep}}`],
    ['without an end', '['.repeat(500_000)],
  ])('%s is no valid manifest', async (_, text) => {
    const registry = await start()
    const bytes = Buffer.from(text)
    registry.store.putManifest(
      'app',
      { kind: 'manifest', digest: digestOf(bytes), mediaType: indexType, bytes },
      '1',
    )
    expect(outcomeOf(await tameRuns([`${registry.host}/app:1`]))).toEqual([1, ['manifest-invalid']])
  })

  test('in the annotations of an image is no valid manifest, as in Go', async () => {
    const registry = await start()
    const built = image('linux/amd64')
    const text = built.manifest.bytes
      .toString()
      .replace(/\}\s*$/, `,"annotations":{"x":${deep}},"y":${deepObject}}`)
    const bytes = Buffer.from(text)
    registry.store.push('app', [...built.blobs, { ...built.manifest, bytes, digest: digestOf(bytes) }], '1')
    expect(outcomeOf(await tameRuns([`${registry.host}/app:1`]))).toEqual([1, ['manifest-invalid']])
  })

  test('as configuration is no valid configuration', async () => {
    const registry = await start()
    const built = image('linux/amd64')
    const config = blob(built.config.mediaType, deep)
    const body = JSON.parse(built.manifest.bytes.toString())
    const changed = manifest(built.manifest.mediaType, {
      ...body,
      config: { ...body.config, digest: config.digest, size: config.bytes.length },
    })
    registry.store.push('app', [...built.layers, config, changed], '1')
    expect(outcomeOf(await tameRuns([`${registry.host}/app:1`]))).toEqual([1, ['config-invalid']])
  })

  test('as token is none', async () => {
    const registry = await start({ auth: { kind: 'bearer', users } })
    const { reference } = pushSmall(registry)
    registry.faults.add({ path: '/token' }, { status: 200, body: deep.slice(0, 60_000) })
    const env = { PLUGIN_USERNAME: login.username, PLUGIN_PASSWORD: login.password }
    expect(outcomeOf(await tameRuns([reference], env))).toEqual([3, ['token-response-invalid']])
  })

  test('as an error is an error', async () => {
    const registry = await start()
    const { reference } = pushSmall(registry)
    registry.faults.add({ path: /\/blobs\// }, { status: 403, body: `{"errors":${deep}}` })
    expect(outcomeOf(await tameRuns([reference]))).toEqual([3, ['denied-or-missing']])
  })

  test('as list of tags or catalog is no such list', async () => {
    const registry = await start()
    registry.faults.add({ path: /_catalog/ }, { status: 200, body: `{"repositories":${deep}}` })
    registry.faults.add({ path: /\/tags\/list/ }, { status: 200, body: deep.slice(0, 900_000) })
    expect(outcomeOf(await tameRuns([`${registry.host}/app:1`]))).toEqual([1, ['tag-missing']])
    const catalog = await tameRuns(['--catalog', '--registry', registry.host])
    expect(outcomeOf(catalog)).toEqual([3, ['answer-invalid']])
  })
})

describe('what unpacks to much more than it is', () => {
  const zeros = Buffer.alloc(100 * 1024 * 1024)

  test.each(['gzip', 'br', 'deflate', 'zstd'] as const)('is cut off as a manifest in %s', async (coding) => {
    const { brotliCompressSync, deflateSync } = await import('node:zlib')
    const quick = { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } }
    const packed = {
      gzip: () => gzipSync(zeros),
      br: () => brotliCompressSync(zeros, quick),
      deflate: () => deflateSync(zeros),
      zstd: () => zstdCompressSync(zeros),
    }[coding]()
    const { host } = await serve(
      createServer((_, response) => {
        response.writeHead(200, { 'content-type': indexType, 'content-encoding': coding })
        response.end(packed)
      }),
    )
    expect(outcomeOf(await tameRuns([`${host}/app:1`]))).toEqual([1, ['manifest-too-large']])
  })

  test('as an error or a token is read no further than is needed', async () => {
    const packed = gzipSync(zeros)
    const registry = await start({ auth: { kind: 'bearer', users } })
    const { reference } = pushSmall(registry)
    const { host } = await serve(
      createServer((request, response) => {
        response.writeHead(request.url?.startsWith('/token') ? 200 : 403, { 'content-encoding': 'gzip' })
        response.end(packed)
      }),
    )
    expect(outcomeOf(await tameRuns([`${host}/app:1`]))).toEqual([3, ['denied-or-missing']])
    registry.faults.add({ path: '/token' }, { redirect: `http://${host}/token` })
    const env = { PLUGIN_USERNAME: login.username, PLUGIN_PASSWORD: login.password }
    expect(outcomeOf(await tameRuns([reference], env))).toEqual([3, ['token-response-invalid']])
  })

  test.each(['gzip', 'zstd'] as const)(
    'is a sound layer in %s, and is read whole in little memory',
    async (compression) => {
      const packed = compression === 'gzip' ? gzipSync(zeros) : zstdCompressSync(zeros)
      const layer: Layer = { ...blob(layerType('oci', compression), packed), diffId: digestOf(zeros) }
      const registry = await start()
      registry.store.push('app', contentsOf(image('linux/amd64', { layers: [layer] })), '1')
      const runs = await tameRuns([`${registry.host}/app:1`, '--depth', 'full'], {}, 300_000)
      expect(outcomeOf(runs)).toEqual([0, []])
    },
  )
})

describe('a length of 4 GiB that is a lie', () => {
  const lie = { contentLength: 4 * 1024 ** 3 }
  const manifests = { path: /\/manifests\// }
  const blobs = { path: /\/blobs\// }

  test('makes a manifest too large, and nothing of it is waited for', async () => {
    const registry = await start()
    const { reference } = pushSmall(registry)
    registry.faults.add(manifests, lie)
    expect(outcomeOf(await tameRuns([reference]))).toEqual([1, ['manifest-too-large']])
  })

  test('in a range is a size that does not match', async () => {
    const registry = await start()
    const { reference, image } = pushSmall(registry)
    registry.faults.add(
      { digest: image.layers[0]?.digest ?? '' },
      { setHeader: { 'content-range': `bytes 0-0/${4 * 1024 ** 3}` } },
    )
    expect(outcomeOf(await tameRuns([reference], { PLUGIN_SAMPLE: '0' }))).toEqual([1, ['size-mismatch']])
  })

  test('of an error or a token is no more than that', async () => {
    const registry = await start({ auth: { kind: 'bearer', users } })
    const { reference } = pushSmall(registry)
    registry.faults.add({ path: '/token' }, { status: 200, body: '{}' }, lie)
    const env = { PLUGIN_USERNAME: login.username, PLUGIN_PASSWORD: login.password }
    expect(outcomeOf(await tameRuns([reference], env))).toEqual([3, ['token-response-invalid']])
    const open = await start()
    const other = pushSmall(open).reference
    open.faults.add(blobs, { status: 403, body: 'no' }, lie)
    expect(outcomeOf(await tameRuns([other]))).toEqual([3, ['denied-or-missing']])
  })
})
