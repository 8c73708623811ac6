import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  contentsOf,
  image,
  index,
  multiPlatform,
  randomLayer,
} from '../../src/fake-registry/images/images.ts'
import { type Authority, createAuthority } from '../support/certs.ts'
import { type Nginx, startNginx } from '../support/nginx.ts'
import { push } from '../support/push.ts'
import { depths, notesBesides, pushCorpus, verifyCorpus } from '../support/real-corpus.ts'
import { generations, registry2 } from '../support/real-generations.ts'
import { namesOfThisMachine } from '../support/real-names.ts'
import { deadHost, type RealRegistry } from '../support/real-registry.ts'
import { causeIds, noteIds, verifyImages } from '../support/verify.ts'

const page = "default_type text/html; return 200 '<html><title>Sign in</title><form></form></html>';"

for (const generation of generations) {
  generation.suite(['nginx', 'openssl'])(`nginx before a real ${generation.name}`, () => {
    let registry: RealRegistry
    let guarded: RealRegistry
    let nginx: Nginx<string>
    let authority: Authority
    let forget: () => void
    const big = multiPlatform({ layersPer: 1, layerBytes: 4_000_000, seed: 'big' })
    const broken = image('linux/amd64', { layers: [randomLayer({ bytes: 500, seed: 'gone' })] })

    beforeAll(async () => {
      forget = namesOfThisMachine()
      authority = await createAuthority()
      const certificate = await authority.issue({ names: ['registry.test'] })
      registry = await generation.start()
      await pushCorpus(registry.host)
      await push(registry.host, 'big', big.contents, { tag: '1' })
      await push(registry.host, 'gone', contentsOf(index([broken])), { tag: '1' })
      await rm(registry.blobPath(broken.layers[0]?.digest ?? ''))
      const passwords = join(registry.root, 'htpasswd')
      await writeFile(passwords, 'nobody:$2y$05$TAbCwiwQo2sBAv9HgnbmhOQDSYIW1h4NenWvzG6jRHtKshbhx402i\n')
      guarded = await generation.start({
        root: registry.root,
        config: { auth: { htpasswd: { realm: 'test', path: passwords } } },
      })
      const unwritable = join(registry.root, 'proxy-temp')
      const pass = `proxy_pass http://${registry.host};`
      nginx = await startNginx(
        {
          plain: `location / { ${pass} }`,
          gzip: `location / { ${pass} gzip on; gzip_types *; gzip_min_length 1; gzip_proxied any; }`,
          gzipAsked: ({ gzip }) =>
            `location / { proxy_pass http://${gzip}; proxy_set_header Accept-Encoding gzip; }`,
          lengthless: `location / { ${pass} sub_filter 'a text that is nowhere' ''; sub_filter_types *; }`,
          smallBuffers: `location / { ${pass} proxy_buffer_size 4k; proxy_buffers 2 4k;
            proxy_busy_buffers_size 4k; proxy_max_temp_file_size 64k; proxy_temp_file_write_size 8k; }`,
          // A client that is slower than the registry: the body has to be buffered on disk, where nothing can be written.
          unwritable: `location / { ${pass} limit_rate 1m; proxy_buffer_size 4k; proxy_buffers 2 4k;
            proxy_busy_buffers_size 4k; proxy_temp_path ${unwritable}; }`,
          unbuffered: `location / { ${pass} proxy_buffering off; }`,
          hasty: `location / { ${pass} } keepalive_requests 3;`,
          secure: `location / { ${pass} }`,
          secureHasty: `location / { ${pass} } keepalive_requests 3;`,
          challengeless: `location / { proxy_pass http://${guarded.host}; proxy_hide_header WWW-Authenticate; }`,
          badGateway: `location / { return 502; }`,
          upstreamDown: `location / { proxy_pass http://${deadHost}; }`,
          badBlobs: `location / { ${pass} } location ~ ^/v2/.+/blobs/ { return 502; }`,
          login: `location / { ${page} }`,
          loginRedirect: `location / { return 302 /login; } location /login { ${page} }`,
          website: `root ${registry.root};`,
          busy: `location / { ${pass} limit_req zone=busy burst=8 nodelay; limit_req_status 429; }`,
          overloaded: `location / { ${pass} limit_req zone=overloaded burst=16 nodelay; }`,
          closed: `location / { ${pass} limit_req zone=closed; limit_req_status 429; }`,
        },
        {
          http: `limit_req_zone $server_port zone=busy:64k rate=20r/s;
            limit_req_zone $server_port zone=overloaded:64k rate=40r/s;
            limit_req_zone $server_port zone=closed:64k rate=1r/m;`,
          tls: {
            secure: { ...certificate, http2: true },
            secureHasty: { ...certificate, http2: false },
          },
        },
      )
      await rm(unwritable, { recursive: true })
    })
    afterAll(async () => {
      forget?.()
      await nginx?.stop()
      await guarded?.stop()
      await registry?.stop()
      await authority?.remove()
    })

    const host = (server: string) => nginx.hosts[server] ?? ''
    const outcomeOf = async (server: string, settings: Record<string, string> = {}, name = 'corpus/many') => {
      const report = await verifyImages([`${host(server)}/${name}:1`], { settings })
      return { report, verdict: [report.exitCode, causeIds(report)] }
    }

    const passing: [string, string, string[]][] = [
      ['that only passes on', 'plain', []],
      ['that compresses unasked', 'gzipAsked', ['content-encoded']],
    ]
    const alsoPassing: typeof passing = [
      ['that compresses what clients take compressed', 'gzip', []],
      ['with small buffers', 'smallBuffers', []],
      ['without buffers', 'unbuffered', []],
      ['that ends every connection after 3 requests', 'hasty', []],
    ]
    // How a proxy handles connections and buffers does not depend on the upstream.
    describe.each(generation === registry2 ? [...passing, ...alsoPassing] : passing)(
      'one %s',
      (_, server, notes) => {
        test.each(depths)('lets the whole corpus pass at depth %s', async (depth) => {
          const report = await verifyCorpus(host(server), depth)
          expect([report.exitCode, causeIds(report), [...new Set(notesBesides(report))]]).toEqual([
            0,
            [],
            notes,
          ])
        })

        test('lets layers of 4 MB pass, read completely', async () => {
          const { report, verdict } = await outcomeOf(server, { depth: 'full' }, 'big')
          expect(verdict).toEqual([0, []])
          expect(report.totals.readBytes).toBeGreaterThan(8_000_000)
        })

        test.each(['probe', 'full'])('does not hide a missing layer at depth %s', async (depth) => {
          const { verdict } = await outcomeOf(server, { depth }, 'gone')
          expect(verdict).toEqual([1, ['stale-blob-cache']])
        })
      },
    )

    test('one that takes the lengths away is reported, because Docker needs the length of a manifest', async () => {
      const { verdict, report } = await outcomeOf('lengthless')
      expect(verdict).toEqual([1, ['head-mismatch']])
      expect(noteIds(report)).toEqual(['length-unknown'])
      expect(JSON.stringify(report.causes)).toContain('missing or empty Content-Length header')
    })

    test('one that removes the challenge is reported', async () => {
      const { verdict } = await outcomeOf('challengeless')
      expect(verdict).toEqual([3, ['auth-challenge-missing']])
    })

    if (generation !== registry2) return
    // The following does not depend on the upstream.

    test('one that cannot buffer a large body on disk is found at depth probe', async () => {
      const { report, verdict } = await outcomeOf('unwritable', {}, 'big')
      expect(verdict).toEqual([3, ['connection-cut']])
      expect(report.causes[0]?.advice).toContain('proxy_temp_path')
      expect((await outcomeOf('unwritable', { sample: '0' }, 'big')).verdict).toEqual([0, []])
    })

    test.each([
      ['HTTP/2', 'secure', true],
      ['TLS, ending every connection after 3 requests,', 'secureHasty', false],
    ])('one with %s lets the whole corpus pass', async (_, server, http2) => {
      const named = host(server).replace('127.0.0.1', 'registry.test')
      for (const depth of depths) {
        const report = await verifyCorpus(named, depth, { authorities: [authority.ca] })
        expect([report.exitCode, causeIds(report).filter((id) => id !== 'cert-expiring')]).toEqual([0, []])
        expect(notesBesides(report)).toEqual([])
        expect(report.hosts[0]?.http2).toBe(http2)
      }
    })

    test.each(['badGateway', 'upstreamDown', 'badBlobs'])(
      'its own server errors (%s) are not a fault of the image',
      async (server) => {
        const { verdict, report } = await outcomeOf(server, {}, 'corpus/oci')
        expect(verdict).toEqual([3, ['registry-unavailable']])
        expect(JSON.stringify(report.causes)).toContain('502')
      },
    )

    test.each(['login', 'loginRedirect', 'website'])(
      'a web server (%s) is not a registry',
      async (server) => {
        const { verdict } = await outcomeOf(server)
        expect(verdict).toEqual([3, ['not-a-registry']])
      },
    )

    test.each([
      ['20 requests per second, with status 429,', 'busy'],
      ['40 requests per second, with status 503,', 'overloaded'],
    ])('a limit of %s is waited for', async (_, server) => {
      const { verdict, report } = await outcomeOf(server)
      expect(verdict).toEqual([0, []])
      expect(noteIds(report)).toEqual(['requests-repeated'])
    })

    test('a limit that lets nothing through is reported', async () => {
      await fetch(`http://${host('closed')}/v2/`)
      const { verdict } = await outcomeOf('closed')
      expect(verdict).toEqual([3, ['rate-limited']])
    })
  })
}
