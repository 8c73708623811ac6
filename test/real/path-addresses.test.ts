import { afterAll, beforeAll, expect, test } from 'vitest'
import type { LabHost } from '../support/lab-host.ts'
import { suiteNeeds } from '../support/need.ts'
import { makePullLab, type PullLab, pullLabPrograms, pullNames, pullNames6 } from '../support/pull-lab.ts'
import { causeIds } from '../support/verify.ts'

const name = 'registry.example.com'
const both = (host: keyof typeof pullNames) => [pullNames[host], pullNames6[host]]
const dualStack = {
  'registry.example.com': both('registry.example.com'),
  'auth.example.com': both('auth.example.com'),
  'blobs.example.com': both('blobs.example.com'),
}

suiteNeeds(pullLabPrograms)('a registry whose name has several addresses', () => {
  let lab: PullLab

  beforeAll(async () => {
    lab = await makePullLab()
  })
  afterAll(() => lab?.remove())

  /** Runs something while rules of nft hold, and takes them away whatever happens. */
  const during = async <T>(
    host: LabHost,
    hook: 'input' | 'forward',
    rules: string,
    work: () => Promise<T>,
  ) => {
    const lift = await host.fault(hook, rules)
    return work().finally(lift)
  }

  const verify = async (hosts: Record<string, string | string[]>) => {
    const { report, exitCode } = await lab.verify({ hosts })
    const dead = report?.causes.find(({ id }) => id === 'address-dead')
    return {
      verdict: [exitCode, report ? causeIds(report) : []],
      messages: dead?.findings.map(({ subject, message }) => `${subject}: ${message}`),
      because: dead?.because,
      used: report?.hosts.map(({ addresses }) => addresses),
    }
  }

  test('gives no finding while all of them answer, of both IP versions', async () => {
    expect((await verify({ [name]: ['203.0.113.10', '203.0.113.11'] })).verdict).toEqual([0, []])
    expect((await verify(dualStack)).verdict).toEqual([0, []])
  })

  test.each([
    ['the last', ['203.0.113.10', '203.0.113.20']],
    ['the first', ['203.0.113.20', '203.0.113.10']],
  ])('passes with a warning where %s of them loses packets', async (_, addresses) => {
    await lab.addServerAddress('203.0.113.20').catch(() => {})
    const { verdict, messages, because } = await during(
      lab.server,
      'input',
      'ip daddr 203.0.113.20 drop',
      () => verify({ [name]: addresses }),
    )
    expect([verdict, messages]).toEqual([
      [0, ['address-dead']],
      [`${name}: connection to 203.0.113.20:443 timed out after 4 s; 203.0.113.10 answers`],
    ])
    expect(because).toContain('lose 15 s')
  })

  test('passes with a warning where nobody has one of them, or it refuses', async () => {
    const { verdict, messages, because } = await verify({ [name]: ['203.0.113.10', '203.0.113.99'] })
    expect([verdict, messages]).toEqual([
      [0, ['address-dead']],
      [
        expect.stringMatching(
          /^registry\.example\.com: connection to 203\.0\.113\.99:443 failed: nothing answers at this address in its network, for 3\.\d s; 203\.0\.113\.10 answers$/,
        ),
      ],
    ])
    expect(because).toContain('lose 3 s')
    // The address of the router, where nothing listens.
    expect((await verify({ [name]: ['203.0.113.10', '203.0.113.1'] })).messages).toEqual([
      `${name}: connection to 203.0.113.1:443 refused; 203.0.113.10 answers`,
    ])
  })

  test.each([
    ['IPv6', 'ip6 daddr 2001:db8:3::/64 tcp dport 443 drop', pullNames, pullNames6],
    ['IPv4', 'ip daddr 203.0.113.0/24 drop', pullNames6, pullNames],
  ])(
    'passes with a warning where %s is dead, for every host of the path',
    async (version, rule, used, dead) => {
      const result = await during(lab.router, 'forward', rule, () => verify(dualStack))
      const endpoint = (address: string) => (address.includes(':') ? `[${address}]` : address)
      expect([result.verdict, result.messages]).toEqual([
        [0, ['address-dead']],
        (['registry.example.com', 'auth.example.com', 'blobs.example.com'] as const).map(
          (host) =>
            `${host}: connection to ${endpoint(dead[host])}:443 timed out after 4 s; ${used[host]} answers`,
        ),
      ])
      expect([version, result.because]).toEqual([version, expect.stringContaining('after 300 ms')])
    },
  )

  test('gives no finding on a machine that has no route for IPv6', async () => {
    await lab.client.ip('-6 route del default')
    const { verdict, used } = await verify(dualStack).finally(() =>
      lab.client.ip('-6 route add default via 2001:db8:1::1'),
    )
    expect([verdict, used]).toEqual([[0, []], Object.values(pullNames).map((address) => [address])])
  })

  test('is verified where it has IPv6 only, and named where that is dead', { timeout: 60_000 }, async () => {
    expect(await verify(pullNames6)).toMatchObject({
      verdict: [0, []],
      used: Object.values(pullNames6).map((address) => [address]),
    })
    const { verdict } = await during(
      lab.router,
      'forward',
      'ip6 daddr 2001:db8:3::/64 tcp dport 443 drop',
      () => verify(pullNames6),
    )
    expect(verdict).toEqual([3, ['connection-timeout']])
  })
})
