import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { contentsOf, image } from '../../../../src/fake-registry/images/images.ts'
import type { EmbeddedRegistry } from '../../../../src/fake-registry/registry.ts'
import type { Report } from '../../../../src/report/schema.ts'
import { verifyImages } from '../../../support/verify.ts'
import { useRegistries, useServers } from '../../kit.ts'

const startRegistry = useRegistries()
const startServer = useServers()

let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'regguard-certs-d-'))
})
afterEach(() => rm(root, { recursive: true }))

async function write(name: string, content: string): Promise<void> {
  await mkdir(dirname(join(root, name)), { recursive: true })
  await writeFile(join(root, name), content)
}

async function registryWithApp(): Promise<EmbeddedRegistry> {
  const registry = await startRegistry()
  registry.store.push('app', contentsOf(image('linux/amd64')), '1')
  return registry
}

/** The registry under a name, which its hosts.toml has as well. */
const named = ({ host }: EmbeddedRegistry): string => host.replace('127.0.0.1', 'localhost')

async function verifyThrough(registry: EmbeddedRegistry, hostsToml: string): Promise<Report> {
  await write(`${named(registry).replace(/:(\d+)/, '_$1_')}/hosts.toml`, hostsToml)
  return verifyImages([`${named(registry)}/app:1`], { settings: { mirror_config: root } })
}

const findings = ({ causes }: Report): [string, string, string | undefined][] =>
  causes.map(({ severity, id, findings }) => [severity, id, findings[0]?.message])

describe('a mirror', () => {
  test('that serves the image is asked as containerd asks it, and has no finding', async () => {
    const [registry, mirror] = [await registryWithApp(), await registryWithApp()]
    const report = await verifyThrough(registry, `[host."http://${mirror.host}"]`)
    expect(findings(report)).toEqual([])
    const ns = `?ns=${encodeURIComponent(named(registry))}`
    expect(mirror.requests.map(({ path }) => path.replace(/sha256:.*(?=\?)/, 'DIGEST'))).toEqual([
      `/v2/app/manifests/1${ns}`,
      `/v2/app/manifests/DIGEST${ns}`,
      `/v2/app/blobs/DIGEST${ns}`,
      `/v2/app/blobs/DIGEST${ns}`,
    ])
  })

  test('that nobody answers at is a warning with its address', async () => {
    const report = await verifyThrough(await registryWithApp(), '[host."http://127.0.0.1:1"]')
    expect(findings(report)).toEqual([['warning', 'mirror-unreachable', 'connection to 127.0.0.1:1 refused']])
    expect(report.exitCode).toBe(0)
  })

  test('alone gets the headers of its hosts.toml, not the hosts that it leads to', async () => {
    const registry = await registryWithApp()
    const asked: string[] = []
    const record =
      (name: string) =>
      ({ headers }: IncomingMessage) =>
        void asked.push(`${name} ${headers.authorization ?? 'nothing'}`)
    const other = await startServer(
      createServer((request, response) => {
        record('other')(request)
        response.end()
      }),
    )
    const mirror = await startServer(
      createServer((request, response) => {
        record('mirror')(request)
        response.writeHead(307, { location: `http://${other.host}${request.url}` }).end()
      }),
    )
    const report = await verifyThrough(
      registry,
      `[host."http://${mirror.host}"]\n[host."http://${mirror.host}".header]\nAuthorization = "Bearer S3CRET"`,
    )
    expect(asked).toContain('mirror Bearer S3CRET')
    expect(asked).toContain('other nothing')
    expect(asked).not.toContain('other Bearer S3CRET')
    expect(JSON.stringify(report)).not.toContain('S3CRET')
  })

  test('with a CA file that is a pipe does not wait for it', async () => {
    const [registry, mirror] = [await registryWithApp(), await registryWithApp()]
    const pipe = join(root, 'ca.fifo')
    await execa('mkfifo', [pipe])
    const report = await verifyThrough(registry, `[host."http://${mirror.host}"]\n  ca = "${pipe}"`)
    expect(report.exitCode).toBeLessThan(3)
  })

  test('that answers under the name of the registry only is right address, wrong name', async () => {
    const registry = await registryWithApp()
    const ingress = createServer((request, response) =>
      response.writeHead(request.headers.host === named(registry) ? 401 : 404).end(),
    )
    const { host } = await startServer(ingress)
    const report = await verifyThrough(
      registry,
      `[host."http://${host}"]\nheader = { Host = ["${named(registry)}"] }`,
    )
    expect(findings(report)).toEqual([
      [
        'warning',
        'mirror-host-mismatch',
        `${host} gives HTTP 404 to its bare address, and HTTP 401 to the name ${named(registry)}`,
      ],
    ])
  })

  test('that redirects blobs to a host that is down is a warning: the registry serves them', async () => {
    const registry = await registryWithApp()
    const redirecting = createServer((request, response) =>
      request.url?.includes('/blobs/')
        ? response.writeHead(307, { location: 'http://127.0.0.1:1/blob' }).end()
        : response.end(),
    )
    const { host } = await startServer(redirecting)
    const report = await verifyThrough(registry, `[host."http://${host}"]`)
    expect(findings(report)).toMatchObject([['warning', 'redirect-host-unreachable', expect.any(String)]])
  })

  test('that names a realm which does not answer is an error', async () => {
    const challenging = createServer((_, response) =>
      response.writeHead(401, { 'www-authenticate': 'Bearer realm="http://localhost:1/token"' }).end(),
    )
    const { host } = await startServer(challenging)
    const report = await verifyThrough(await registryWithApp(), `[host."http://${host}"]`)
    expect(findings(report)).toEqual([
      [
        'error',
        'realm-outside-mirror',
        expect.stringMatching(
          /^the realm that .* names for .*, at 127\.0\.0\.1:1, fails: connection to 127\.0\.0\.1:1 refused$/,
        ),
      ],
    ])
  })
})

describe('bad input', () => {
  test('a file that is not TOML is one error with the line', async () => {
    const report = await verifyThrough(await registryWithApp(), 'server = "x"\n[host."http://a"\n')
    expect(findings(report)).toMatchObject([
      ['error', 'mirror-config-invalid', expect.stringMatching(/^line 2 is not valid TOML: /)],
    ])
  })

  test('a host twice is not valid TOML either, and is named', async () => {
    const report = await verifyThrough(
      await registryWithApp(),
      '[host."http://a"]\ncapabilities = ["pull"]\n[host."http://a"]\n',
    )
    expect(findings(report)).toMatchObject([
      ['error', 'mirror-config-invalid', expect.stringMatching(/^host\."http:\/\/a" is there twice/)],
    ])
  })

  test('a missing certificate authority is an error with the key', async () => {
    const registry = await registryWithApp()
    const report = await verifyThrough(registry, `[host."http://${registry.host}"]\nca = "none.crt"\n`)
    expect(findings(report)).toMatchObject([
      [
        'error',
        'mirror-config-invalid',
        expect.stringMatching(/^host\."http:.*"\.ca names .*\/none\.crt, which does not exist: every pull/),
      ],
    ])
  })

  test('a file that only containerd 1.x ignores is a note', async () => {
    const registry = await registryWithApp()
    const report = await verifyThrough(registry, `server = "http://${registry.host}"\n`)
    expect(findings(report)).toMatchObject([
      ['note', 'hosts-toml-ignored', expect.stringMatching(/^containerd 1\.x: it has no \[host/)],
    ])
  })

  test.each(['https://', 'https://bad host', 'https://[::1'])('%s as a host is an error', async (host) => {
    const report = await verifyThrough(await registryWithApp(), `[host."${host}"]\n`)
    expect(findings(report)).toMatchObject([
      ['error', 'mirror-config-invalid', `host."${host}" is not a URL with a valid host`],
    ])
  })

  test('a login in the URL of a mirror is in no part of the report', async () => {
    const report = await verifyThrough(await registryWithApp(), '[host."http://user:geheim@127.0.0.1:1"]\n')
    expect(findings(report).map(([, id]) => id)).toEqual(['mirror-unreachable'])
    expect(JSON.stringify(report)).not.toContain('geheim')
  })

  test.each([
    [
      '/nowhere/certs.d',
      'it does not exist in this step: mount it from the host (volumes), or correct the path',
    ],
    ['package.json', expect.stringMatching(/^it is none of the files that are known: /)],
  ])('%s is an error of its own', async (path, message) => {
    const { host } = await registryWithApp()
    const report = await verifyImages([`${host}/app:1`], { settings: { mirror_config: path } })
    expect(findings(report)).toEqual([['error', 'mirror-config-invalid', message]])
  })
})

test('a mirror that leads further inside than it is itself is not followed, and not judged', async () => {
  const leading = createServer((_, response) =>
    response.writeHead(401, { 'www-authenticate': 'Bearer realm="http://169.254.169.254/token"' }).end(),
  )
  const { host } = await startServer(leading)
  const report = await verifyThrough(await registryWithApp(), `[host."http://${host}"]`)
  expect(findings(report)).toEqual([])
  const [pull] = report.mirrors?.pulls ?? []
  expect(pull?.endpoints[0]?.legs.map(({ failure }) => failure?.kind)).toContain('redirect-refused')
})
