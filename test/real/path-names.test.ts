import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startDnsmasq, startUnbound } from '../support/lab-resolvers.ts'
import {
  internalName,
  makeNamesLab,
  type NamesLab,
  namesLabAddresses,
  namesLabPrograms,
  publicName,
  splitName,
} from '../support/names-lab.ts'
import { suiteNeeds } from '../support/need.ts'
import { expectSection } from '../support/page-section.ts'
import { labAddresses } from '../support/path-lab.ts'

const { internalDns, publicDns, inside, outside, otherIngress } = namesLabAddresses

type Run = Awaited<ReturnType<NamesLab['verify']>>

const causesOf = ({ report }: Run) =>
  (report?.causes ?? []).map(({ id, severity, findings }) => [id, severity, findings[0]?.subject])
const firstOf = ({ report }: Run) => report?.causes[0]

suiteNeeds(namesLabPrograms)('names, asked of dnsmasq and unbound', () => {
  let lab: NamesLab
  beforeAll(async () => {
    lab = await makeNamesLab()
  })
  afterAll(() => lab?.remove())

  /** Runs with a fault that is lifted afterwards. */
  async function during(lift: () => Promise<unknown>, run: () => Promise<Run>): Promise<Run> {
    try {
      return await run()
    } finally {
      await lift()
    }
  }

  const deadInternal = () => lab.nat.fault('input', `ip daddr ${internalDns} udp dport 53 drop`)
  const deadPublic = () => lab.server.fault('input', `ip daddr ${publicDns} udp dport 53 drop`)

  describe('an internal server and a public fallback', () => {
    const both = [internalDns, publicDns]

    test.each([internalName, splitName])('healthy, nothing is reported of %s', async (name) => {
      const run = await lab.verify(name, both)
      expect([run.exitCode, causesOf(run)]).toEqual([0, []])
    })

    test('that the fallback does not know the internal name is a note, where names are asked for', async () => {
      const run = await lab.verify(internalName, both, {
        settings: { names: `${internalName},${publicName}` },
      })
      expect([run.exitCode, causesOf(run)]).toEqual([0, [['resolver-disagreement', 'note', internalName]]])
    })

    test('with the first server dead, that is the first cause, with the server and what it costs', async () => {
      const run = await during(await deadInternal(), () =>
        lab.verify(internalName, both, { settings: { names: publicName } }),
      )
      expect(firstOf(run)).toMatchObject({
        id: 'resolver-dead',
        severity: 'error',
        because: expect.stringContaining(
          `glibc waits 1 s for it in every lookup before it asks ${publicDns}`,
        ),
      })
      expect(firstOf(run)?.findings[0]).toMatchObject({
        subject: internalDns,
        message: 'no answer within 2 s; it is the first of 2 DNS servers in /etc/resolv.conf',
        evidence: expect.arrayContaining([
          `${publicDns} answers for ${internalName}: no such name (NXDOMAIN)`,
          `${publicDns} answers for ${publicName}: ${outside}`,
        ]),
      })
      expect(firstOf(run)?.findings.map(({ id }) => id)).toContain('name-not-resolved')
      expect(run.exitCode).toBe(3)
      expect(run.stdout).toContain(internalDns)
      expectSection('A dead first DNS server', run)
    })

    test('a dead fallback is a note', async () => {
      const run = await during(await deadPublic(), () => lab.verify(internalName, both))
      expect([run.exitCode, causesOf(run)]).toEqual([0, [['resolver-dead', 'note', publicDns]]])
    })

    test('without both, there is one cause for both', async () => {
      const lift = [await deadInternal(), await deadPublic()]
      const run = await during(
        async () => {
          for (const one of lift) await one()
        },
        () => lab.verify(internalName, both),
      )
      expect(firstOf(run)).toMatchObject({
        id: 'resolver-dead',
        because: expect.stringContaining('No configured DNS server answers: glibc gives up after 2 s'),
      })
      expect(firstOf(run)?.findings.map(({ subject }) => subject)).toEqual(
        expect.arrayContaining([internalDns, publicDns]),
      )
    })
  })

  test('public servers alone do not know the internal name: the first cause names them', async () => {
    const run = await lab.verify(internalName, [publicDns])
    expect(causesOf(run)[0]).toEqual(['public-resolvers-only', 'error', internalName])
    expect(firstOf(run)?.findings[0]?.message).toBe(`not known to the only DNS server: ${publicDns}`)
    expect(causesOf(run).map(([id]) => id)).not.toContain('name-not-resolved')
  })

  test('a public server before the internal one hides the internal name', async () => {
    const run = await lab.verify(internalName, [publicDns, internalDns])
    expect(causesOf(run)[0]).toEqual(['resolver-disagreement', 'error', internalName])
    expect(firstOf(run)?.findings[0]?.message).toBe(
      `${publicDns} answers no such name (NXDOMAIN); ${internalDns} answers ${inside}`,
    )
  })

  test('of 20 servers in resolv.conf the first three count', async () => {
    const more = Array.from({ length: 19 }, (_, at) => `10.77.1.${at + 1}`)
    const run = await lab.verify(internalName, [internalDns, ...more.slice(0, 1), ...more])
    expect([run.exitCode, causesOf(run).map(([id, severity]) => [id, severity])]).toEqual([
      0,
      [
        ['resolver-dead', 'note'],
        ['resolvers-ignored', 'note'],
      ],
    ])
  })

  test('a search domain that answers for the name is a warning', async () => {
    const wildcard = `10.77.0.54`
    await lab.nat.ip(`addr add ${wildcard}/24 dev lan0`)
    const server = await startDnsmasq(lab.nat, wildcard, { [splitName]: inside }, [
      '--address=/lan/10.77.0.99',
    ])
    const run = await during(server.stop, () =>
      lab.run([], {
        resolvConf: `nameserver ${wildcard}\nsearch lan\noptions ndots:5\n`,
        env: { PLUGIN_CHECKS: 'path', PLUGIN_NAMES: splitName },
      }),
    )
    expect(causesOf(run)).toEqual([['search-domain-answer', 'warning', splitName]])
    expect(firstOf(run)?.findings[0]?.message).toBe(
      `libc asks for ${splitName}.lan first: 10.77.0.99 instead of ${inside}`,
    )
    // What libc itself says, which takes the answer of the search domain.
    expect(firstOf(run)?.findings[0]?.evidence).toEqual([
      expect.stringContaining(`libc for ${splitName}: 10.77.0.99`),
    ])
  })

  describe('the files of the host', () => {
    let directory = ''
    beforeAll(async () => {
      directory = await mkdtemp(join(tmpdir(), 'regguard-dns-'))
    })
    afterAll(() => rm(directory, { recursive: true, force: true }))
    const netplan = (...servers: string[]) =>
      `network:\n  ethernets:\n    eth0:\n      nameservers: {addresses: [${servers.join(', ')}]}\n`
    /** A run whose step asks these servers, with files of the host. */
    async function verifyWith(servers: string[], files: Record<string, string>) {
      const paths = await Promise.all(
        Object.entries(files).map(async ([name, text]) => {
          await writeFile(join(directory, name), text)
          return join(directory, name)
        }),
      )
      return lab.verify(internalName, servers, { settings: { dns_config: paths.join() } })
    }

    test('that agree have no finding', async () => {
      const run = await verifyWith([internalDns, publicDns], {
        'netplan.yaml': netplan(internalDns, publicDns),
        'resolved.conf': `[Resolve]\nDNS=${internalDns} ${publicDns}\n`,
        'resolv.conf': `nameserver ${internalDns}\nnameserver ${publicDns}\n`,
      })
      expect([run.exitCode, causesOf(run)]).toEqual([0, []])
    })
    test('in which netplan and systemd-resolved differ are a warning with the answers', async () => {
      const run = await verifyWith([internalDns], {
        'netplan.yaml': netplan(internalDns),
        'resolved.conf': `[Resolve]\nDNS=${publicDns}\n`,
      })
      expect(causesOf(run).map(([id, severity]) => [id, severity])).toContainEqual([
        'dns-layers-disagree',
        'warning',
      ])
      const cause = run.report?.causes.find(({ id }) => id === 'dns-layers-disagree')
      expect(cause?.findings[0]?.evidence).toEqual([
        `${internalDns} answers for ${internalName}: ${inside}`,
        `${publicDns} answers for ${internalName}: no such name (NXDOMAIN)`,
      ])
    })
    test('whose host asks other servers than this step are a warning', async () => {
      const run = await verifyWith([internalDns], { 'host-resolv.conf': `nameserver ${publicDns}\n` })
      expect(causesOf(run).map(([id, severity]) => [id, severity])).toEqual([
        ['container-host-dns-differ', 'warning'],
      ])
    })
    test('that do not exist are an error', async () => {
      const settings = { dns_config: join(directory, 'nowhere') }
      const run = await lab.verify(internalName, [internalDns], { settings })
      expect([run.exitCode, causesOf(run)]).toEqual([
        1,
        [['dns-config-invalid', 'error', settings.dns_config]],
      ])
    })
  })

  describe('a name that leads outside and back', () => {
    test('is suspected to be a hairpin, by the certificate and by DNS', async () => {
      const settings = { internal_addresses: '10.77.0.0/24' }
      const run = await lab.verify(splitName, [publicDns, internalDns], { settings })
      const [cause] = run.report?.causes ?? []
      expect(cause).toMatchObject({ id: 'registry-not-internal', severity: 'error' })
      const hairpin = run.report?.causes.find(({ id }) => id === 'hairpin-suspected')
      expect(hairpin).toMatchObject({ severity: 'warning' })
      expect(hairpin?.because).toContain(`${inside} presents the same certificate as ${outside}`)
      expect(hairpin?.because).toContain(`another DNS server gives the internal address ${inside}`)
    })

    test('is the first cause where the public address is dead', async () => {
      const lift = await lab.router.fault('forward', `ip daddr ${outside} tcp dport 443 drop`)
      const run = await during(lift, () =>
        lab.verify(splitName, [publicDns, internalDns], { settings: { internal_addresses: '10.77.0.0/24' } }),
      )
      expect(firstOf(run)).toMatchObject({ id: 'hairpin-suspected', severity: 'error' })
      expect(firstOf(run)?.findings.map(({ id }) => id)).toEqual(
        expect.arrayContaining(['registry-not-internal', 'connection-timeout']),
      )
    }, 90_000)
  })

  describe('a name in the hosts file', () => {
    const pinned = (address: string, settings: Record<string, string> = {}) =>
      lab.verify(splitName, [internalDns], { hosts: { [splitName]: address }, settings })

    test('with the right address is as expected', async () => {
      const run = await pinned(inside, { expect_pins: `${splitName}=${inside}` })
      expect([run.exitCode, causesOf(run)]).toEqual([0, []])
    })
    test('that is missing is an error', async () => {
      const run = await lab.verify(splitName, [internalDns], { settings: { expect_pins: 'true' } })
      expect([run.exitCode, causesOf(run)]).toEqual([1, [['pin-missing', 'error', splitName]]])
    })
    test('with a dead address is stale: DNS has the living one', async () => {
      const run = await pinned('10.77.0.77')
      expect(causesOf(run)[0]).toEqual(['pin-stale', 'error', splitName])
      expect(firstOf(run)?.findings[0]?.message).toBe(
        `pinned to 10.77.0.77, which does not answer; ${inside} does`,
      )
    })
    test('with the address of another ingress leads to the wrong host', async () => {
      const run = await pinned(otherIngress)
      expect(causesOf(run)[0]).toEqual(['pin-wrong-host', 'error', splitName])
      expect(firstOf(run)?.findings[0]).toMatchObject({
        message: expect.stringContaining(`pinned to ${otherIngress}: `),
        evidence: expect.arrayContaining([
          expect.stringMatching(`^${otherIngress}: .*, certificate of ingress default certificate$`),
          expect.stringMatching(`^${inside}: HTTP 200, certificate of `),
        ]),
      })
    })
  })

  describe('a server that answers with an error', () => {
    const faulty = '203.0.113.54'
    /** Starts a server at an address, and returns what ends it. */
    type SetUp = (address: string) => Promise<() => Promise<unknown>>
    const lookUp = async (address: string, setUp: SetUp) =>
      during(await setUp(address), () =>
        lab.run([], {
          resolvConf: `nameserver ${address}\noptions timeout:1 attempts:1\n`,
          env: { PLUGIN_CHECKS: 'path', PLUGIN_NAMES: splitName },
        }),
      )
    const unbound =
      (options: string[]): SetUp =>
      async (address) => {
        const host = address === faulty ? lab.server : lab.router
        return (await startUnbound(host, address, {}, options)).stop
      }
    const garbageServer = `
      const socket = require('node:dgram').createSocket('udp4')
      socket.on('message', (_, { port, address }) => socket.send('garbage', port, address))
      socket.bind(53, process.argv[1])`
    beforeAll(() => lab.addServerAddress(faulty))

    test.each<[string, SetUp, string?]>([
      // The router has no way to any other server.
      ['server failure (SERVFAIL)', unbound([]), labAddresses.router],
      ['query refused (REFUSED)', unbound(['local-zone: "." always_refuse'])],
      [
        'no answer in time, though it answers other queries',
        unbound(['forward-zone:', 'name: "."', 'forward-addr: 203.0.113.99', 'server:']),
      ],
      [
        'what it sends is not a DNS response to the query',
        async (address) => {
          const command = [process.execPath, '-e', garbageServer, address]
          const ready = async () => (await lab.server.run('ss', ['-Hlun'])).includes(`${address}:53 `)
          return (await lab.server.start(command, { ready })).stop
        },
      ],
      [
        'truncated response over UDP, and no complete one over TCP',
        async (address) => {
          const many = Array.from({ length: 60 }, (_, at) => `10.9.0.${at + 1}`)
          const server = await startDnsmasq(lab.server, address, { [splitName]: many })
          const reject = `ip daddr ${address} tcp dport 53 reject with tcp reset`
          const lift = await lab.server.fault('input', reject)
          return async () => {
            await lift()
            await server.stop()
          }
        },
      ],
    ])('%s', async (text, setUp, address = faulty) => {
      const run = await lookUp(address, setUp)
      expect(causesOf(run)).toEqual([['resolver-failing', 'error', address]])
      expect(firstOf(run)?.findings[0]?.message).toContain(`${splitName}: ${text}`)
      expect(firstOf(run)?.findings[1]?.id).toBe('lookup-failed')
      expect(run.report?.exitCode).not.toBe(0)
    })
  })
})
