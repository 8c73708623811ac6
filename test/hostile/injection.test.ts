import { createServer } from 'node:http'
import { createServer as createTcp } from 'node:net'
import { describe, expect, test } from 'vitest'
import {
  type Content,
  childDescriptorOf,
  digestOf,
  image,
  index,
  manifest,
} from '../../src/fake-registry/images/images.ts'
import { useRegistries, useServers } from '../observe/kit.ts'
import { challenging, login, pushApp, pushSmall, users } from '../observe/registry/people.ts'
import { outcomeOf, tameRuns } from './tame.ts'

const start = useRegistries()
const serve = useServers()
const esc = String.fromCharCode(27)
const asAnn = { PLUGIN_USERNAME: login.username, PLUGIN_PASSWORD: login.password }

/** Everything that a log could obey, in one text. */
const evil = [
  '::set-env name=X::y',
  '\r\n::set-env name=X::y',
  '\n##[error]pwned',
  '\n  ##vso[task.setvariable variable=a]b',
  '\r::add-path::/evil',
  '\u2028::error::x',
  `${esc}[2J${esc}[31mred${esc}]8;;http://evil.test\u0007link`,
  '\u009b31m\u0000\u0008',
  '\u202eesrever\u2066\u200b',
  '%0A::stop-commands::x',
  '\n::endgroup::',
].join('')

/** What of it a header may hold. */
const evilHeader = '::set-env name=X::y ##[error]pwned ##vso[task.setvariable variable=a]b %0A::add-path::/x'

/** One that begins a line by itself, for fields that are cut short. */
const texts = [evil, '::set-env name=X::y']

const errors = (text: string) => ({ errors: [{ code: text, message: text, detail: text }] })

describe.each(texts.map((text) => [JSON.stringify(text).slice(0, 30), text] as const))(
  'a registry that says %s',
  (_, text) => {
    test('in its errors writes nothing that is obeyed', async () => {
      const registry = await start()
      const small = pushSmall(registry)
      const app = pushApp(registry, 'two')
      registry.faults.add({ path: /\/app\/blobs\// }, { status: 403, body: errors(text) })
      registry.faults.add({ path: /\/two\/blobs\// }, { status: 404, body: errors(text) })
      registry.faults.add({ path: /\/three\/manifests\// }, { status: 404, body: errors(text) })
      registry.faults.add({ path: /\/four\/manifests\// }, { status: 500, body: errors(text) })
      registry.faults.add({ path: /\/five\/manifests\// }, { status: 418, body: text })
      registry.faults.add(
        { path: /\/tags\/list/ },
        { status: 200, body: { tags: [text, `v${text}`, 'latest'] } },
      )
      const others = ['three', 'four', 'five'].map((name) => `${registry.host}/${name}:1`)
      const runs = await tameRuns([small.reference, app, ...others])
      expect(outcomeOf(runs)[0]).toBe(1)
      expect(JSON.stringify(runs[0]?.report.causes)).toContain(JSON.stringify(text).slice(1, 8))
    })

    test('on a web page writes nothing that is obeyed', async () => {
      const page = `<html><head><title>${text}</title></head><body>${text}</body></html>`
      const registry = await start({ auth: { kind: 'bearer', users } })
      const { reference } = pushSmall(registry)
      registry.faults.add({ path: '/token' }, { html: page })
      expect(outcomeOf(await tameRuns([reference], asAnn))).toEqual([3, ['token-response-invalid']])
      registry.faults.clear()
      registry.faults.add({ path: /\/manifests\// }, { html: page })
      expect(outcomeOf(await tameRuns([reference], asAnn))).toEqual([3, ['not-a-registry']])
    })

    test('as a token server writes nothing that is obeyed', async () => {
      const registry = await start({ auth: { kind: 'bearer', users } })
      const { reference } = pushSmall(registry)
      const rule = registry.faults.add({ path: '/token' }, { status: 401, body: errors(text) })
      expect(outcomeOf(await tameRuns([reference], asAnn))).toEqual([3, ['bad-credentials']])
      rule.remove()
      registry.faults.add({ path: '/token' }, { status: 400, body: errors(text) })
      expect(outcomeOf(await tameRuns([reference], asAnn))).toEqual([3, ['token-response-invalid']])
    })

    test('in every field of a manifest writes nothing that is obeyed', async () => {
      const registry = await start()
      const platform = { os: text, architecture: text, variant: text, 'os.version': text }
      const annotations = { [text]: text, 'vnd.docker.reference.type': text }
      const good = image('linux/amd64', { annotations, artifactType: text })
      const body = JSON.parse(good.manifest.bytes.toString())
      const twisted = manifest(good.manifest.mediaType, {
        ...body,
        mediaType: text,
        config: { ...body.config, mediaType: text, annotations, urls: [text] },
        layers: body.layers.map((layer: object) => ({
          ...layer,
          mediaType: text,
          annotations,
          urls: [text],
        })),
      })
      const gone = { mediaType: text, digest: digestOf(Buffer.from(text)), size: 7, platform, annotations }
      const top = index([childDescriptorOf(good, { platform, annotations }), gone, gone], { annotations })
      registry.store.push('app', [...good.blobs, good.manifest, top.manifest], '1')
      registry.store.push('two', [...good.blobs, twisted], '1')
      const runs = await tameRuns([
        `${registry.host}/app:1`,
        `${registry.host}/two:1`,
        '--platforms',
        'linux/s390x',
      ])
      expect(outcomeOf(runs)[0]).toBe(1)
      expect(outcomeOf(runs)[1].length).toBeGreaterThan(1)
    })

    test('in a configuration or in a document that is none writes nothing that is obeyed', async () => {
      const registry = await start()
      const documents = [JSON.stringify(text), `{"mediaType":${JSON.stringify(text)}}`, text, `{${text}`]
      for (const [at, document] of documents.entries()) {
        const bytes = Buffer.from(document)
        const content: Content = {
          kind: 'manifest',
          digest: digestOf(bytes),
          mediaType: 'application/json',
          bytes,
        }
        registry.store.push('app', [content], `t${at}`)
      }
      const built = image('linux/amd64', {
        configPlatform: `linux/${text.replaceAll('/', '')}`,
        diffIds: [text],
      })
      registry.store.push('app', [...built.blobs, built.manifest], 'config')
      const tags = [...documents.keys()].map((at) => `t${at}`)
      const runs = await tameRuns([...tags, 'config'].map((tag) => `${registry.host}/app:${tag}`))
      expect(outcomeOf(runs)[0]).toBe(1)
    })

    test('in its catalog writes nothing that is obeyed', async () => {
      const registry = await start()
      const { image: small } = pushSmall(registry)
      registry.faults.add(
        { path: /_catalog/ },
        { status: 200, body: { repositories: ['app', text, `x/${text}`] } },
      )
      registry.faults.add(
        { path: /\/app\/tags\/list/ },
        { status: 200, body: { tags: [text, '1', `${text}x`] } },
      )
      const runs = await tameRuns(['--catalog', '--registry', registry.host])
      for (const { report } of runs)
        expect(report.targets.map(({ digest }) => digest)).toContain(small.manifest.digest)
    })
  },
)

describe('a registry that writes commands into headers', () => {
  const names = [
    'warning',
    'docker-content-digest',
    'content-type',
    'content-range',
    'date',
    'link',
    'location',
    'retry-after',
    'ratelimit-remaining',
    'ratelimit-limit',
    'server',
    'x-squid-error',
  ]
  const all = names.map((name) => `${name}: ${evilHeader}\r\n`).join('')

  test.each([
    ['all', 200, all],
    ['all', 206, all],
    ['all', 302, all],
    ['all', 403, all],
    ['all', 429, all],
    ['all', 500, all],
    ['content-encoding', 200, `content-encoding: ${evilHeader}\r\n`],
    ['content-length', 200, `content-length: ${evilHeader}\r\n`],
    ['transfer-encoding', 200, `transfer-encoding: ${evilHeader}\r\n`],
  ])('(%s), and into the reason of a %i, writes nothing that is obeyed', async (_, status, headers) => {
    const answer = `HTTP/1.1 ${status} ${evilHeader}\r\nconnection: close\r\n${headers}\r\n${JSON.stringify(errors(evilHeader))}`
    const { host } = await serve(createTcp((socket) => socket.once('data', () => socket.end(answer))))
    const runs = await tameRuns([`${host}/app:1`])
    expect(outcomeOf(runs)[0]).not.toBe(0)
    expect(outcomeOf(runs)[1]).toHaveLength(1)
  })

  test.each([
    ['the realm', `Bearer realm="http://127.0.0.1:1/${evilHeader}"`],
    ['a realm that is no address', `Bearer realm="${evilHeader}"`],
    ['a realm of another scheme', `Bearer realm="evil-scheme:${evilHeader}"`],
    ['the scope', `Bearer realm="/token",scope="${evilHeader}"`],
    ['the scope that was wanted', `Bearer realm="/token",error="insufficient_scope",scope="${evilHeader}"`],
    ['the scheme', `::set-env ${evilHeader}`],
  ])('as %s of a challenge writes nothing that is obeyed', async (_, challenge) => {
    const { host } = await serve(
      createServer((request, response) => {
        if (request.url?.startsWith('/token'))
          return void response.end('{"token":"abcdefgh","scope":"::error::x"}')
        response.writeHead(401, { 'www-authenticate': challenge })
        response.end(JSON.stringify(errors(evil)))
      }),
    )
    const runs = await tameRuns([`${host}/app:1`], asAnn)
    expect(outcomeOf(runs)[0]).toBe(3)
    expect(outcomeOf(runs)[1]).toHaveLength(1)
  })

  test.each([
    ['a host', 'http://::set-env name=X::y/'],
    ['a user', 'http://::error::x@127.0.0.1:1/'],
    ['a scheme', 'set-env-name::x'],
    ['nonsense', evilHeader],
  ])('as %s in a redirect writes nothing that is obeyed', async (_, location) => {
    const registry = await start()
    const { reference } = pushSmall(registry)
    registry.faults.add({ path: /\/blobs\// }, { redirect: location })
    expect(outcomeOf(await tameRuns([reference]))[0]).not.toBe(0)
  })

  test('and into a token writes nothing that is obeyed', async () => {
    const registry = await start({ auth: { kind: 'bearer', users } })
    const { reference } = pushSmall(registry)
    registry.faults.add(
      { path: '/token' },
      { status: 200, body: { token: '::set-env name=X::y ::add-path::/evil' } },
    )
    const runs = await tameRuns([reference], asAnn)
    expect(outcomeOf(runs)[0]).toBe(3)
    expect(outcomeOf(runs)[1]).toHaveLength(1)
  })

  test('and other letters than ASCII into them writes nothing that is obeyed', async () => {
    const bidi = Buffer.from('\u202e\u2066\u009b31m::error::x').toString('latin1')
    const registry = await start()
    const { reference } = pushSmall(registry)
    registry.faults.add({ path: /\/blobs\// }, challenging(`Bearer realm="${bidi}"`))
    registry.faults.add({}, { setHeader: { warning: `299 - "${bidi}"`, 'ratelimit-remaining': bidi } })
    expect(outcomeOf(await tameRuns([reference]))[0]).toBe(3)
  })
})
