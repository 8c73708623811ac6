import { chmod, cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa, execaSync } from 'execa'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { get, useWires, whyOf } from '../observe/kit.ts'
import { type Authority, type Certificate, createAuthority } from '../support/certs.ts'
import { findProgram, suiteNeeds } from '../support/need.ts'
import { type Nginx, startNginx } from '../support/nginx.ts'
import { listens, startProgram } from '../support/program.ts'
import { depths, notesBesides, pushCorpus, verifyCorpus } from '../support/real-corpus.ts'
import { generations } from '../support/real-generations.ts'
import { namesOfThisMachine } from '../support/real-names.ts'
import { freePort, type RealRegistry } from '../support/real-registry.ts'
import { type Suite, suiteWithout } from '../support/suite.ts'
import { causeIds, verifyImages } from '../support/verify.ts'

/** A directory like Docker's certs.d, with these files for one host. */
type Folder = { root: string; put: (host: string, files: Record<string, string>) => Promise<string> }

async function makeFolder(): Promise<Folder> {
  const root = await mkdtemp(join(tmpdir(), 'regguard-certs-d-'))
  const put = async (host: string, files: Record<string, string>) => {
    await rm(root, { recursive: true, force: true })
    await mkdir(join(root, host), { recursive: true })
    for (const [name, content] of Object.entries(files)) await writeFile(join(root, host, name), content)
    return root
  }
  return { root, put }
}

/** A `describe` for suites that need a separate mount namespace. */
function suiteWithMounts(): Suite {
  const may = findProgram('unshare') && !execaSync('unshare', ['--mount', 'true'], { reject: false }).failed
  if (may) return suiteNeeds(['mount'])
  return suiteWithout('needs permission to create a mount namespace', { mustRunInCi: true })
}

for (const generation of generations) {
  generation.suite(['nginx', 'openssl'])(
    `a client certificate, and a real ${generation.name} that requires one`,
    () => {
      let authority: Authority
      let unexpectedAnswer: Authority
      let ours: Record<'good' | 'expired' | 'foreign', Certificate>
      let plain: RealRegistry
      let secure: RealRegistry
      let nginx: Nginx<'h2' | 'h1' | 'optional'>
      let folder: Folder
      let forget: () => void

      beforeAll(async () => {
        forget = namesOfThisMachine()
        folder = await makeFolder()
        authority = await createAuthority()
        unexpectedAnswer = await createAuthority()
        ours = {
          good: await authority.issue({ names: ['ci'] }),
          expired: await authority.issue({ names: ['ci'], expired: true }),
          foreign: await unexpectedAnswer.issue({ names: ['ci'] }),
        }
        const server = await authority.issue({ names: ['registry.test'] })
        plain = await generation.start()
        await pushCorpus(plain.host)
        secure = await generation.start({
          root: plain.root,
          config: {
            http: {
              tls: { certificate: server.certFile, key: server.keyFile, clientcas: [authority.caFile] },
            },
          },
        })
        const body = (verify: string) =>
          `ssl_client_certificate ${authority.caFile}; ssl_verify_client ${verify}; location / { proxy_pass http://${plain.host}; }`
        nginx = await startNginx(
          { h2: body('on'), h1: body('on'), optional: body('optional') },
          {
            tls: {
              h2: { ...server, http2: true },
              h1: { ...server, http2: false },
              optional: { ...server, http2: true },
            },
          },
        )
      })
      afterAll(async () => {
        forget?.()
        await nginx?.stop()
        for (const one of [secure, plain]) await one?.stop()
        for (const one of [authority, unexpectedAnswer]) await one?.remove()
        await rm(folder.root, { recursive: true, force: true })
      })

      const named = (host: string) => host.replace('127.0.0.1', 'registry.test')
      const places = {
        'the registry itself': () => named(secure.host),
        'nginx before it, with HTTP/2': () => named(nginx.hosts.h2),
        'nginx before it, with HTTP/1.1': () => named(nginx.hosts.h1),
      }
      const pair = ({ cert, key }: Certificate) => ({ 'client.cert': cert, 'client.key': key })
      const outcomeOf = async (host: string, files: Record<string, string>) => {
        const certsRoot = await folder.put(host, { 'ca.crt': authority.ca, ...files })
        const report = await verifyImages([`${host}/corpus/oci-index:1`], { certsRoot })
        const reportText = JSON.stringify(report)
        expect(reportText).not.toContain('PRIVATE KEY')
        return {
          verdict: [report.exitCode, causeIds(report).filter((id) => id !== 'cert-expiring')],
          reportText,
        }
      }

      describe.each(Object.entries(places))('of %s', (_, place) => {
        test.each(depths)('lets the whole corpus pass at depth %s', async (depth) => {
          const certsRoot = await folder.put(place(), { 'ca.crt': authority.ca, ...pair(ours.good) })
          const report = await verifyCorpus(place(), depth, { certsRoot })
          expect([report.exitCode, causeIds(report), notesBesides(report)]).toEqual([
            0,
            ['cert-expiring'],
            [],
          ])
        })

        test('that is missing is reported, with the directory where it is expected', async () => {
          const { verdict, reportText } = await outcomeOf(place(), {})
          expect(verdict).toEqual([3, ['tls-client-certificate']])
          expect(reportText).toContain(
            `client certificate required, but ${folder.root}/${place()} contains no certificate with its key`,
          )
        })

        test.each(['expired', 'foreign'] as const)(
          'that is %s is reported, with its properties',
          async (which) => {
            const { verdict, reportText } = await outcomeOf(place(), pair(ours[which]))
            expect(verdict).toEqual([3, ['tls-client-certificate']])
            expect(reportText).toContain(
              `the server rejected the client certificate in ${folder.root}/${place()}: CN=ci, issued by CN=regguard test CA, valid to `,
            )
          },
        )
      })

      test.each([
        ['another key', () => ({ 'client.cert': ours.good.cert, 'client.key': ours.foreign.key })],
        ['something that is not a key', () => ({ 'client.cert': ours.good.cert, 'client.key': 'x' })],
        ['something that is not a certificate', () => ({ 'client.cert': 'x', 'client.key': ours.good.key })],
      ])('with %s is reported before any request', async (_, files) => {
        const { verdict, reportText } = await outcomeOf(named(secure.host), files())
        expect(verdict).toEqual([3, ['tls-client-certificate']])
        expect(reportText).toContain('cannot be used with its key')
      })

      test('for another port is not used', async () => {
        const certsRoot = await folder.put('registry.test:1', pair(ours.good))
        const report = await verifyImages([`${named(secure.host)}/corpus/oci:1`], {
          certsRoot,
          authorities: [authority.ca],
        })
        expect(causeIds(report)).toContain('tls-client-certificate')
      })

      test('is optional for a server that does not require one', async () => {
        expect((await outcomeOf(named(nginx.hosts.optional), {})).verdict).toEqual([0, []])
        expect((await outcomeOf(named(nginx.hosts.optional), pair(ours.good))).verdict).toEqual([0, []])
      })

      suiteWithMounts()('in /etc/docker/certs.d of a container', () => {
        /** Runs the bundle in a mount namespace with the test's own /etc. */
        async function inContainer(files: Record<string, string>, mode = 0o644) {
          const host = named(nginx.hosts.h2)
          const etc = await mkdtemp(join(tmpdir(), 'regguard-etc-'))
          try {
            const certs = join(etc, 'docker/certs.d', host)
            await mkdir(certs, { recursive: true })
            await writeFile(join(etc, 'hosts'), '127.0.0.1 registry.test\n')
            for (const file of ['nsswitch.conf', 'resolv.conf', 'passwd', 'ld.so.cache', 'ssl'])
              await cp(join('/etc', file), join(etc, file), { recursive: true }).catch(() => {})
            for (const [name, content] of Object.entries({ 'ca.crt': authority.ca, ...files })) {
              await writeFile(join(certs, name), content)
              await chmod(join(certs, name), name.endsWith('.key') ? mode : 0o644)
            }
            const bundle = fileURLToPath(new URL('../../dist/image/regguard-plugin.mjs', import.meta.url))
            const script = 'mount --bind "$1" /etc && shift && exec "$@"'
            const step = [
              process.execPath,
              bundle,
              `${host}/corpus/oci-index:1`,
              '--checks',
              'image,registry,path',
            ]
            return await execa(
              'unshare',
              [...['--mount', '--propagation', 'private', 'sh', '-c', script, 'sh', etc], ...step],
              { reject: false, all: true, extendEnv: false, env: { PATH: process.env.PATH } },
            )
          } finally {
            await rm(etc, { recursive: true, force: true })
          }
        }

        test('is found by the bundle', async () => {
          const run = await inContainer(pair(ours.good))
          expect([run.exitCode, run.all.includes('last byte of every blob served')]).toEqual([0, true])
        })

        test('that is missing is reported by the bundle', async () => {
          const run = await inContainer({})
          expect(run.exitCode).toBe(3)
          expect(run.all).toContain(
            `client certificate required, but /etc/docker/certs.d/${named(nginx.hosts.h2)} contains no certificate with its key`,
          )
          expect(run.all).toContain('explain tls-client-certificate')
        })
      })
    },
  )
}

suiteNeeds(['openssl'])('an HTTP/1.1 server that closes a connection with a TLS alert', () => {
  const start = useWires()

  test('after the TLS 1.3 handshake is reported as a missing client certificate, not as a cut connection', async () => {
    const authority = await createAuthority()
    const { certFile, keyFile } = await authority.issue()
    const port = await freePort()
    const host = `127.0.0.1:${port}`
    const server = await startProgram(
      [
        ...['openssl', 's_server', '-accept', host, '-cert', certFile, '-key', keyFile],
        ...['-CAfile', authority.caFile, '-Verify', '1', '-verify_return_error', '-www', '-quiet'],
      ],
      { stdin: 'pipe', ready: () => listens(port) },
    )
    try {
      const client = start({ authorities: [authority.ca] })
      const why = whyOf(await get(client, `https://${host}/`))
      expect(why).toMatchObject({ kind: 'tls-client-certificate', host, phase: 'tls' })
      expect(why.evidence.join()).toMatch(/alert/)
    } finally {
      await server.stop()
      await authority.remove()
    }
  })
})
