import { type RequestListener, request as startRequest } from 'node:http'
import { describe, expect, test } from 'vitest'
import type { MtuDirection } from '../../src/facts/path/mtu.ts'
import { multiPlatform } from '../../src/fake-registry/images/images.ts'
import { startRegistry } from '../../src/fake-registry/registry.ts'
import { seenValue } from '../support/inspect-host.ts'
import { type MtuFault, makeMtuLab } from '../support/mtu-lab.ts'
import { suiteNeeds } from '../support/need.ts'
import { type LabRun, labAddresses } from '../support/path-lab.ts'

/** MTU_RUNS=10 measures every case ten times, as docs/decisions records. */
const runs = Number(process.env.MTU_RUNS ?? 1)

/** Measurements wait for losses; several at once take longer on a small machine. */
const patient = { timeout: 120_000 }

const open = (mtu: number): MtuDirection => ({ state: 'open', mtu })
/** The lab's links cannot lose packets of 1500 bytes. */
const blackHole = (mtu: number): MtuDirection =>
  mtu < 1500 ? { state: 'black-hole', mtu, lost: mtu + 1 } : open(mtu)

const measure = async (version: 4 | 6, fault: MtuFault) => {
  const lab = await makeMtuLab(fault)
  try {
    return seenValue(await lab.measure(version))
  } finally {
    await lab.remove()
  }
}

const mtus = [1500, 1450, 1420, 1400, 1280]
const cases: [version: 4 | 6, mtu: number][] = [
  ...mtus.map((mtu): [4, number] => [4, mtu]),
  // 1333: a size that no search starts with.
  ...(runs > 1 ? mtus : [1400, 1333]).map((mtu): [6, number] => [6, mtu]),
]
const repeated = cases.flatMap((one) => Array.from({ length: runs }, () => one))

suiteNeeds(['ip', 'nft', 'nsenter', 'ss', 'socat', 'openssl'])('the path MTU in a lab', () => {
  test.concurrent.for(repeated)(
    'IPv%d, MTU %d, inbound “fragmentation needed” lost: exact',
    patient,
    async ([version, mtu]) => {
      const { inbound, outbound } = await measure(version, { mtu, inbound: true })
      expect({ inbound, outbound }).toEqual({ inbound: blackHole(mtu), outbound: open(mtu) })
    },
  )

  test.concurrent.for(repeated)(
    'IPv%d, MTU %d, outbound “fragmentation needed” lost: exact',
    patient,
    async ([version, mtu]) => {
      const { inbound, outbound } = await measure(version, { mtu, outbound: true })
      expect({ inbound, outbound }).toEqual({ inbound: open(mtu), outbound: blackHole(mtu) })
    },
  )

  test.concurrent.for(repeated)(
    'IPv%d, MTU %d, healthy: the MTU of the path, and no packet lost',
    patient,
    async ([version, mtu]) => {
      const found = await measure(version, { mtu })
      expect(found).toMatchObject({
        inbound: open(mtu),
        outbound: open(mtu),
        firstMessage: { small: 'answered', large: 'answered', split: 'answered' },
      })
    },
  )

  test(
    'in plain HTTP, the response that stalled gives the number; a short one gives none',
    patient,
    async () => {
      const lab = await makeMtuLab({ mtu: 1400, inbound: true }, (request, response) =>
        response.end('x'.repeat(request.url === '/v2/app/blobs/large' ? 20_000 : 100)),
      )
      try {
        expect(seenValue(await lab.measure(4, 'http://registry.test/v2/app/blobs/large')).inbound).toEqual(
          blackHole(1400),
        )
        const short = seenValue(await lab.measure(4, 'http://registry.test/v2/')).inbound
        expect(short).toEqual({ state: 'open', mtu: expect.any(Number) })
        expect((short as { mtu: number }).mtu).toBeLessThan(400)
      } finally {
        await lab.remove()
      }
    },
  )

  test('both directions lost: the signature of the stall, and both sizes', patient, async () => {
    const found = await measure(4, { mtu: 1400, inbound: true, outbound: true })
    expect(found).toMatchObject({
      inbound: blackHole(1400),
      outbound: blackHole(1400),
      firstMessage: { small: 'received', large: 'lost', split: 'received' },
      // The ClientHello was acknowledged, and of the server's part only the short end came.
      connection: { bytesReceived: 0, segmentsIn: 1, outOfOrder: 1, pmtu: 1500 },
    })
    expect(found.largeBytes).toBeGreaterThan(1448)
  })

  describe('a run', () => {
    const verify = async (fault: MtuFault, env: Record<string, string> = {}): Promise<LabRun> => {
      const registry = await startRegistry()
      const lab = await makeMtuLab(fault, forwardTo(registry.url))
      try {
        registry.store.push('app', multiPlatform().contents, '1')
        return await lab.run(['registry.test/app:1'], {
          hosts: { 'registry.test': labAddresses.server },
          env: { PLUGIN_CA_FILE: lab.caFile, ...env },
        })
      } finally {
        await lab.remove()
        await registry.close()
      }
    }
    const first = ({ report }: LabRun) => report?.causes[0]

    test.concurrent(
      'names an inbound black hole first, with its number, although its own ClientHello lets the kernel learn the MTU',
      async () => {
        const run = await verify({ mtu: 1400, inbound: true })
        expect(first(run)).toMatchObject({ id: 'tls-handshake-timeout-pmtu', severity: 'error' })
        expect(first(run)?.findings[0]?.message).toBe(
          `the path from ${labAddresses.server}:443 carries packets of up to 1400 bytes, but lan0 has MTU 1500 here`,
        )
        expect(run.all).toContain('"com.docker.network.driver.mtu": "1400"')
      },
      patient.timeout,
    )

    test.concurrent(
      'names an outbound black hole first, with its number',
      async () => {
        const run = await verify({ mtu: 1420, outbound: true })
        expect(first(run)).toMatchObject({ id: 'tls-large-clienthello-dropped', severity: 'error' })
        expect(first(run)?.findings[0]?.message).toContain('carries packets of up to 1420 bytes')
      },
      patient.timeout,
    )

    test.concurrent(
      'names a black hole in both directions once',
      async () => {
        const run = await verify({ mtu: 1280, inbound: true, outbound: true })
        expect(first(run)?.id).toBe('tls-handshake-timeout-pmtu')
        expect(first(run)?.findings.map(({ id }) => id)).toEqual([
          'tls-handshake-timeout-pmtu',
          'tls-large-clienthello-dropped',
          'tls-timeout',
        ])
      },
      patient.timeout,
    )

    test.concurrent(
      'finds nothing where both sides learn the MTU, and measures only if asked',
      async () => {
        const run = await verify({ mtu: 1400 })
        const asked = await verify({ mtu: 1400 }, { PLUGIN_PATH_MTU: 'true' })
        for (const { report, all } of [run, asked]) {
          expect(report?.exitCode, all).toBe(0)
          expect(report?.causes.filter(({ id }) => id.startsWith('tls-'))).toEqual([])
        }
        const isOff = ({ report }: LabRun) =>
          report?.checks.find(({ id }) => id === 'tls-handshake-timeout-pmtu')?.status
        expect([isOff(run), isOff(asked)]).toEqual(['off', 'pass'])
        const line = `path MTU  registry.test ${labAddresses.server}:443 · inbound 1400, outbound 1400`
        expect([run.all.includes('path MTU'), asked.all.includes(line)]).toEqual([false, true])
      },
      patient.timeout,
    )
  })

  describe('repeated probes of an endpoint', () => {
    const probe = async (loss: string) => {
      const lab = await makeMtuLab({ mtu: 1500 }, (_, response) => response.writeHead(401).end())
      try {
        if (loss !== '') await lab.router.fault('forward', loss)
        return await lab.run([], {
          hosts: { 'registry.test': labAddresses.server },
          env: {
            PLUGIN_ENDPOINTS: 'https://registry.test/v2/',
            PLUGIN_REPEAT: '25',
            PLUGIN_CHECKS: 'path',
            PLUGIN_CA_FILE: lab.caFile,
          },
        })
      } finally {
        await lab.remove()
      }
    }
    const losses = ({ report }: LabRun) => report?.causes.filter(({ id }) => id === 'tls-rto-clustered')

    test('show loss by the times at which TCP repeats packets', patient, async () => {
      const run = await probe(`tcp sport 443 tcp flags & (syn | ack) == (syn | ack) numgen inc mod 8 == 0 drop
        tcp sport 443 meta length > 400 numgen inc mod 9 == 0 drop`)
      expect(losses(run), run.all).toMatchObject([{ severity: 'warning', group: 'path' }])
      expect(run.all).toMatch(/of 25 connections, TCP is late by 1\.\d s \(\d times\), TLS is late by 0\.2 s/)
    })

    test('show nothing without loss', patient, async () => {
      const run = await probe('')
      expect(losses(run), run.all).toEqual([])
    })
  })
})

const forwardTo =
  (url: string): RequestListener =>
  (request, response) => {
    const headers = { ...request.headers }
    const { host: _, ...rest } = headers
    const sent = startRequest(
      new URL(request.url ?? '/', url),
      { method: request.method, headers: rest },
      (found) => {
        response.writeHead(found.statusCode ?? 500, found.headers)
        found.pipe(response)
      },
    )
    request.pipe(sent)
  }
