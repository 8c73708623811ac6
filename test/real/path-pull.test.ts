import { afterAll, beforeAll, expect, test } from 'vitest'
import { suiteNeeds } from '../support/need.ts'
import { expectSection } from '../support/page-section.ts'
import { makePullLab, type PullLab, pullLabPrograms, pullNames } from '../support/pull-lab.ts'
import { causeIds } from '../support/verify.ts'

suiteNeeds(pullLabPrograms)('a pull from a registry with a token server and a host for blobs', () => {
  let lab: PullLab

  beforeAll(async () => {
    lab = await makePullLab({ layers: 12 })
  })
  afterAll(() => lab?.remove())

  /** Drops everything for an address; `connections` counts those that were attempted, by their ports. */
  const blackhole = async (address: string) => {
    await lab.server.nft(`table inet blackhole {
      set ports {
        type inet_service
        flags dynamic
        size 4096
      }
      chain input {
        type filter hook input priority 0
        ip daddr ${address} tcp flags syn add @ports { tcp sport } drop
        ip daddr ${address} drop
      }
    }`)
    return {
      connections: async () => {
        const { nftables } = JSON.parse(
          await lab.server.run('nft', ['-j', 'list', 'set', 'inet', 'blackhole', 'ports']),
        )
        return nftables.flatMap(({ set }: { set?: { elem?: unknown[] } }) => set?.elem ?? []).length
      },
      lift: () => lab.server.nft('delete table inet blackhole'),
    }
  }

  const ids = (run: Awaited<ReturnType<PullLab['verify']>>) => (run.report ? causeIds(run.report) : [])

  test('gives no finding while every leg works', async () => {
    const run = await lab.verify()
    expect([run.exitCode, ids(run), run.report?.legs]).toEqual([0, [], undefined])
  })

  test('names a token server that is dead, its address and the limit, though only the path is checked', {
    timeout: 120_000,
  }, async () => {
    const { connections, lift } = await blackhole(pullNames['auth.example.com'])
    const run = await lab.verify({ env: { PLUGIN_CHECKS: 'path' } })
    expect([run.exitCode, ids(run)]).toEqual([1, ['token-server-unreachable']])
    expect(run.report?.causes[0]?.findings).toMatchObject([
      {
        subject: 'auth.example.com',
        message: `connection to 203.0.113.11:443 timed out after 10 s: ${lab.reference} not verified`,
      },
    ])
    expectSection('A dead token server', run)
    // The first attempt, the retry, and the probe of the leg.
    expect(await connections()).toBe(3)
    await lift()
  })

  test('names a host for blobs that is dead, and does not wait for it once for each blob', {
    timeout: 120_000,
  }, async () => {
    const { connections, lift } = await blackhole(pullNames['blobs.example.com'])
    const run = await lab.verify()
    expect([run.exitCode, ids(run)]).toEqual([3, ['storage-unreachable']])
    expect(run.report?.causes[0]?.findings).toMatchObject([
      {
        subject: 'blobs.example.com',
        message: 'connection to 203.0.113.12:443 timed out after 10 s: 13 objects not verified',
      },
    ])
    expect(await connections()).toBe(3)
    await lift()
  })
})
