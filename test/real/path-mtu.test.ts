import { expect, test } from 'vitest'
import type { MtuDirection } from '../../src/facts/path/mtu.ts'
import { seenValue } from '../support/inspect-host.ts'
import { buildMtuLab, type MtuFault } from '../support/mtu-lab.ts'
import { suiteNeeds } from '../support/need.ts'

/** MTU_RUNS=10 measures every case ten times, as docs/decisions/0021-path-mtu.md records. */
const runs = Number(process.env.MTU_RUNS ?? 1)

const open = (mtu: number): MtuDirection => ({ state: 'open', mtu })
/** The lab's links cannot lose packets of 1500 bytes. */
const blackHole = (mtu: number): MtuDirection =>
  mtu < 1500 ? { state: 'black-hole', mtu, lost: mtu + 1 } : open(mtu)

const measure = async (version: 4 | 6, fault: MtuFault) => {
  const lab = await buildMtuLab(fault)
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

suiteNeeds(['ip', 'nft', 'ss', 'socat', 'openssl'])('the path MTU in a lab', () => {
  test.concurrent.for(repeated)(
    'IPv%d, MTU %d, inbound “fragmentation needed” lost: exact',
    async ([version, mtu]) => {
      const { inbound, outbound } = await measure(version, { mtu, inbound: true })
      expect({ inbound, outbound }).toEqual({ inbound: blackHole(mtu), outbound: open(mtu) })
    },
  )

  test.concurrent.for(repeated)(
    'IPv%d, MTU %d, outbound “fragmentation needed” lost: exact',
    async ([version, mtu]) => {
      const { inbound, outbound } = await measure(version, { mtu, outbound: true })
      expect({ inbound, outbound }).toEqual({ inbound: open(mtu), outbound: blackHole(mtu) })
    },
  )

  test.concurrent.for(repeated.filter(([, mtu]) => mtu !== 1420))(
    'IPv%d, MTU %d, healthy: the MTU of the path, and no packet lost',
    async ([version, mtu]) => {
      const found = await measure(version, { mtu })
      expect(found).toMatchObject({
        inbound: open(mtu),
        outbound: open(mtu),
        firstMessage: { small: 'answered', large: 'answered', split: 'answered' },
      })
    },
  )

  test('both directions lost: the signature of the stall, and both sizes', async () => {
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
})
