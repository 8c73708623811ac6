import { afterAll, beforeAll, expect, test } from 'vitest'
import { legFailures } from '../../src/facts/queries/path/legs.ts'
import { type EgressLab, egressLabPrograms, makeEgressLab, publicRegistries } from '../support/egress-lab.ts'
import { suiteNeeds } from '../support/need.ts'
import { expectSection } from '../support/page-section.ts'
import type { LabRun } from '../support/path-lab.ts'

suiteNeeds(egressLabPrograms)('TLS handshakes with unrelated registries that stall now and then', () => {
  let lab: EgressLab

  beforeAll(async () => {
    lab = await makeEgressLab()
  })
  afterAll(() => lab?.remove())

  const probe = async (lossy: string[] = []): Promise<LabRun> => {
    const lift = await lab.loseEveryOther(lossy)
    return lab.probe(3).finally(lift)
  }
  const ids = ({ report }: LabRun) => report?.causes.map(({ id }) => id)
  const failures = ({ report }: LabRun) => report?.legs?.flatMap(legFailures) ?? []

  test('give no finding where no packet is lost', async () => {
    const run = await probe()
    expect([run.exitCode, ids(run), run.report?.legs?.length]).toEqual([0, [], 6])
  })

  test('are one cause, the way out of this machine, with every leg, address and number', {
    timeout: 120_000,
  }, async () => {
    const run = await probe(Object.values(publicRegistries))
    expect([run.exitCode, ids(run)]).toEqual([1, ['egress-failing']])
    const [cause] = run.report?.causes ?? []
    const [finding] = cause?.findings ?? []
    expect([cause?.title, finding?.message]).toEqual([
      expect.stringMatching(/^Egress at fault: /),
      expect.stringMatching(/^6 hosts fail alike, 6 of 18 attempts: TLS handshake timed out after 10 s$/),
    ])
    const found = failures(run)
    // The second of three connections to each.
    expect(found.map(({ failed }) => failed)).toEqual([1, 1, 1, 1, 1, 1])
    for (const { leg, address, kind, phase, why, failed } of found) {
      expect([leg.host, address]).toEqual([
        leg.host,
        publicRegistries[leg.host as keyof typeof publicRegistries],
      ])
      expect([kind, phase, why.ms, why.port]).toEqual(['tls-timeout', 'tls', 10_000, 443])
      expect(finding?.evidence).toContain(
        `${leg.host} ${address}: TLS handshake timed out after 10 s, ${failed} of 3`,
      )
    }
    expectSection('Handshakes with unrelated registries that stall', run)
    expect(run.report?.machine).toMatchObject({ device: 'lan0', mtu: 1500, gateway: '10.77.0.1' })
  })

  test('are the registry itself where only one of them stalls', { timeout: 120_000 }, async () => {
    const run = await probe([publicRegistries['quay.io']])
    expect([run.exitCode, ids(run)]).toEqual([1, ['endpoint-failing']])
    expect(failures(run).map(({ leg, address, phase, of }) => [leg.host, address, phase, of])).toEqual([
      ['quay.io', publicRegistries['quay.io'], 'tls', 3],
    ])
  })
})
