import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { contentsOf, image } from '../../src/fake-registry/images/images.ts'
import { type Authority, createAuthority } from '../support/certs.ts'
import { findProgram, suiteNeeds } from '../support/need.ts'
import { expectSection } from '../support/page-section.ts'
import { labAddresses, makePathLab, type PathLab } from '../support/path-lab.ts'
import { push } from '../support/push.ts'
import { startRealRegistry } from '../support/real-registry.ts'
import { configFor } from '../support/real-registry-config.ts'
import { createTokenKey, startTokenServer, type TokenKey, type TokenServer } from '../support/token-server.ts'

/** Where the ingress is inside, and the public address of the same machine. */
const inside = labAddresses.nat
const outside = labAddresses.natWan

const reference = 'registry.lab/infra/ci:1'
const outsideNames = { 'registry.lab': outside, 'auth.lab': outside }
const insideNames = { 'registry.lab': inside, 'auth.lab': inside }

/** Connections that nothing answers take their time, and are tried again. */
vi.setConfig({ testTimeout: 120_000 })

suiteNeeds(['ip', 'nft', 'nsenter', 'unshare', 'nginx', 'docker-registry', 'openssl'])(
  'incident: a registry behind NAT reflection, and a mirror with a bare address',
  () => {
    let lab: PathLab
    let directory: string
    let authority: Authority
    let key: TokenKey
    let tokens: TokenServer
    const stops: (() => Promise<void>)[] = []
    const file = (name: string) => join(directory, name)

    beforeAll(async () => {
      directory = await mkdtemp(join(tmpdir(), 'regguard-hairpin-'))
      lab = await makePathLab()
      authority = await createAuthority()
      key = await createTokenKey()
      tokens = await startTokenServer(key, { users: {}, pulls: { '': ['*'] } })
      await fillStorage()
      const forward = createServer((socket) => {
        const [host = '', port] = tokens.host.split(':')
        const upstream = connect(Number(port), host)
        for (const [one, other] of [
          [socket, upstream],
          [upstream, socket],
        ] as const)
          one.on('error', () => other.destroy()).pipe(other)
      })
      forward.listen(await lab.nat.listen('127.0.0.1', 5001))
      stops.push(async () => void forward.close())
      await startRegistry()
      await startIngress()
    }, 120_000)

    afterAll(async () => {
      for (const stop of stops.toReversed()) await stop()
      await tokens?.stop()
      await key?.remove()
      await authority?.remove()
      await lab?.remove()
      await rm(directory, { recursive: true, force: true })
    })

    async function fillStorage(): Promise<void> {
      const open = await startRealRegistry({ root: file('storage') })
      await push(open.host, 'infra/ci', contentsOf(image('linux/amd64')), { tag: '1' })
      await open.stop()
    }

    async function startRegistry(): Promise<void> {
      const config = configFor(file('storage'), '127.0.0.1:5000', {
        config: { auth: { token: { ...tokens.auth, realm: 'https://auth.lab/token' } } },
      })
      await writeFile(file('registry.json'), JSON.stringify(config))
      const program = findProgram('docker-registry') ?? ''
      const registry = await lab.nat.start([program, 'serve', file('registry.json')], {
        ready: ({ output }) => output().includes('listening on'),
      })
      stops.push(registry.stop)
    }

    /** An ingress as Kubernetes has them: it finds a site by name, and has a default certificate and 404 for all others. */
    async function startIngress(): Promise<void> {
      const names = ['registry.lab', 'auth.lab', 'mirror.lab']
      const [own, unknown] = [
        await authority.issue({ names, days: 60 }),
        await authority.issue({ names: ['INGRESS DEFAULT CERT'], selfSigned: true }),
      ]
      const tls = ({ certFile, keyFile }: typeof own) =>
        `ssl_certificate ${certFile}; ssl_certificate_key ${keyFile};`
      await writeFile(
        file('nginx.conf'),
        `daemon off; worker_processes 1; user root; pid ${file('nginx.pid')};
        events { worker_connections 128; }
        http {
          access_log off; proxy_set_header Host $http_host; proxy_set_header X-Forwarded-Proto https;
          client_body_temp_path ${file('body')}; proxy_temp_path ${file('proxy')}; fastcgi_temp_path ${file('fastcgi')};
          uwsgi_temp_path ${file('uwsgi')}; scgi_temp_path ${file('scgi')};
          server { listen 443 ssl default_server; ${tls(unknown)} return 404; }
          server { listen 443 ssl; server_name registry.lab mirror.lab; ${tls(own)} location / { proxy_pass http://127.0.0.1:5000; } }
          server { listen 443 ssl; server_name auth.lab; ${tls(own)} location / { proxy_pass http://127.0.0.1:5001; } }
        }`,
      )
      const program = findProgram('nginx') ?? ''
      const nginx = await lab.nat.start(
        [program, '-p', directory, '-c', file('nginx.conf'), '-e', 'stderr'],
        {
          ready: () =>
            lab.nat.run('sh', ['-c', 'ss -tln | grep -q :443 || grep -q :01BB /proc/net/tcp']).then(
              () => true,
              () => false,
            ),
        },
      )
      stops.push(nginx.stop)
    }

    /** The reflection of the router's own public address loses packets from inside. */
    const loseReflection = () =>
      lab.nat.fault('prerouting', `iifname "lan0" ip daddr ${outside} tcp dport 443 drop`)

    async function verify(
      hostsToml: string | undefined,
      hosts: Record<string, string>,
      env: Record<string, string> = {},
    ) {
      const root = await mkdtemp(file('certs.d-'))
      if (hostsToml !== undefined) {
        await mkdir(join(root, 'registry.lab'))
        await writeFile(join(root, 'registry.lab/hosts.toml'), hostsToml)
      }
      return lab.run([reference], {
        hosts,
        env: { PLUGIN_CA_FILE: authority.caFile, PLUGIN_MIRROR_CONFIG: root, ...env },
      })
    }

    const bareAddress = `server = "https://registry.lab"\n\n[host."https://${inside}"]\n  capabilities = ["pull", "resolve"]\n  skip_verify = true\n`

    test('the first cause names both legs, their addresses and numbers', async () => {
      const restore = await loseReflection()
      const run = await verify(bareAddress, outsideNames)
      const { report, all, exitCode } = run
      await restore()
      const [first] = report?.causes ?? []
      expect({ exitCode, id: first?.id, severity: first?.severity }).toEqual({
        ...{ exitCode: 3, id: 'mirror-host-mismatch', severity: 'error' },
      })
      expect(first?.findings[0]?.message).toMatch(
        /^10\.77\.0\.1:443 gives HTTP 404 to its bare address, and HTTP 401 to the name registry\.lab\. Pulls fall back to registry\.lab, which fails: connection to 198\.51\.100\.2:443 timed out after 5 s$/,
      )
      expect(all).toContain('pin registry.lab (and its token server auth.lab) to 10.77.0.1 in /etc/hosts')
      expect(report?.causes.map(({ id }) => id)).toContain('connection-timeout')
      expectSection('A mirror with a bare address, behind NAT reflection', run)
    })

    test('while reflection works, the bare address is a warning and the image is proven', async () => {
      const { report, exitCode } = await verify(bareAddress, outsideNames)
      expect(exitCode).toBe(0)
      expect(report?.causes.map(({ id, severity }) => [severity, id])).toEqual([
        ['warning', 'mirror-host-mismatch'],
      ])
    })

    test('with a mirror by name, the realm is what still depends on the reflection', async () => {
      const restore = await loseReflection()
      const { report } = await verify('[host."https://mirror.lab"]\n', {
        ...outsideNames,
        'mirror.lab': inside,
      })
      await restore()
      const [first] = report?.causes ?? []
      expect(first?.id).toBe('realm-outside-mirror')
      expect(first?.findings[0]?.message).toMatch(
        /^the realm that mirror\.lab names for registry\.lab, at 198\.51\.100\.2:443, fails: .* 5 s/,
      )
    })

    test('pins of all names are healthy: no finding', async () => {
      const restore = await loseReflection()
      const { report, exitCode } = await verify(undefined, insideNames)
      await restore()
      expect(report?.causes).toEqual([])
      expect(exitCode).toBe(0)
    })

    test('a mirror by name with a token server inside is healthy: no finding', async () => {
      const names = { 'registry.lab': outside, 'auth.lab': inside, 'mirror.lab': inside }
      const env = { PLUGIN_PRIVATE_REDIRECTS: 'true' }
      const { report, exitCode } = await verify('[host."https://mirror.lab"]\n', names, env)
      expect(report?.causes).toEqual([])
      expect(exitCode).toBe(0)
    })
  },
)
