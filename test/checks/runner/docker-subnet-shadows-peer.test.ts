import { describe, expect, test } from 'vitest'
import check from '../../../src/checks/runner/docker-subnet-shadows-peer.ts'
import type { NetworkFact } from '../../../src/facts/runner.ts'
import { dialled, gateway, named, states } from '../../support/dialled.ts'
import { blobIn, healthyFacts, type Reported, settingsWith, unseen } from '../../support/facts.ts'
import {
  allOf,
  areaIn,
  bridgeOf,
  healthyRunner,
  inspectedAt,
  minute,
  networkOf,
  type QuietRunner,
  type RunnerChange,
  runnerFaultsOf,
  withNetworks,
  without,
} from '../../support/runner-facts.ts'

const peer = '192.168.20.5'
const shop = (change: Partial<NetworkFact> = {}) =>
  withNetworks(
    networkOf('shop_default', 20, {
      subnets: ['192.168.16.0/20'],
      gateways: ['192.168.16.1'],
      addresses: ['192.168.16.2'],
      ...change,
    }),
  )
const inRoutes =
  (name: 'peers' | 'resolvers' | 'local', address = peer): RunnerChange =>
  (runner) => {
    const { routes } = areaIn(runner, 'routes')
    areaIn(runner, 'routes')[name].push(address)
    routes.push({ destination: '192.168.16.0/20', device: bridgeOf('shop_default') })
  }
const covers = `Docker's network shop_default (${bridgeOf('shop_default')}) covers 192.168.16.0/20`
const here = `This host sends packets for it to the bridge ${bridgeOf('shop_default')}, where no container has the address.`

/** The same with a registry that could not be reached. */
function withRegistry(
  kind: 'connection-timeout' | 'host-unreachable' | 'connection-refused',
  addresses: string[],
  change: RunnerChange,
): Reported[] {
  const facts = healthyFacts()
  const failed = unseen(kind, 'registry.example.com')
  blobIn(facts, 'amd64 layer').observed = { ...failed, why: { ...failed.why, addresses, port: 443 } }
  const runner = healthyRunner()
  change(runner)
  return check
    .run({ ...facts, runner }, settingsWith())
    .map((fault) => ({ severity: check.severity, ...fault }))
}

describe('what was dialled', () => {
  test('a listener that nothing comes back from, in a network of Docker’s here', () => {
    const change = allOf(shop(), without('routes'), dialled([named({ ...states.E, address: peer })]))
    expect(runnerFaultsOf(check, change)).toEqual([
      {
        subject: `${peer}:22`,
        severity: 'error',
        message: `nothing comes back from port 22 of ${peer} (named in listeners), not even a ping: ${covers}`,
        because: here,
        evidence: [
          `${peer}:22 no answer in 4.0 s`,
          `ports 9 and 25000 of ${peer}, where nobody listens: no answer in 4.0 s`,
          `ping ${peer}: no answer in 4.1 s; UDP to a closed port: no answer`,
          'not ruled out: a firewall that drops all, a host that is off; ruled out: this container’s network',
          'not ruled out: a firewall drops everything from here, pings too (ping: no answer in 4.1 s)',
          'not ruled out: the host is off, or has another address now (no router said so; ping: no answer in 4.1 s)',
          'ruled out: the whole network of this container is dead (hosts beyond this one were reached meanwhile)',
        ],
        cause: `E ${peer} (named in listeners)`,
      },
    ])
  })

  test('from a plain container it is one of three explanations, and the title claims no more', () => {
    const change = allOf(without('networks', 'routes', 'links'), dialled([named(states.E)]))
    const [fault, ...more] = runnerFaultsOf(check, change)
    expect(more).toEqual([])
    expect(fault).toMatchObject({
      severity: 'error',
      title: expect.stringContaining('may go to a container network'),
      because: expect.stringContaining('So do a firewall that drops everything, and a host that is off.'),
      advice: expect.stringContaining('ip route get'),
    })
  })

  test('a gateway that nobody named: a warning that names the setting', () => {
    const [fault] = runnerFaultsOf(check, dialled([gateway(states.E)], { chosen: 'usual' }))
    expect(fault?.severity).toBe('warning')
    expect(fault?.advice).toMatch(/^Name the ports that must answer in the setting listeners/)
  })

  test('a peer that was dialled is told once', () => {
    const change = allOf(shop(), inRoutes('resolvers'), dialled([named({ ...states.F, address: peer })]))
    expect(runnerFaultsOf(check, change)).toHaveLength(1)
  })
})

describe('what else is named', () => {
  test('a resolver', () => {
    expect(runnerFaultsOf(check, allOf(shop(), inRoutes('resolvers')))).toEqual([
      {
        subject: peer,
        severity: 'error',
        message: `names are resolved there, and ${covers}`,
        because: here,
        evidence: [`network shop_default: 192.168.16.0/20, 1 container, none of them ${peer}`],
        cause: 'shop_default 192.168.16.0/20',
      },
    ])
  })

  test('a peer of the host is a warning', () => {
    expect(runnerFaultsOf(check, allOf(shop(), inRoutes('peers')))).toMatchObject([
      { subject: peer, severity: 'warning', message: `it has connections to this host, and ${covers}` },
    ])
  })

  test.each(['connection-timeout', 'host-unreachable'] as const)(
    'a registry that gave no answer: %s',
    (kind) => {
      const found = withRegistry(kind, ['203.0.113.1', peer], allOf(shop(), without('routes')))
      expect(found).toMatchObject([
        { subject: peer, severity: 'error', message: `the registry gives no answer, and ${covers}` },
      ])
    },
  )

  test('a registry that answered is not covered', () => {
    expect(withRegistry('connection-refused', [peer], allOf(shop(), without('routes')))).toEqual([])
  })
})

test.each<QuietRunner>([
  ['a healthy runner', () => {}],
  ['a resolver that is a container', allOf(shop({ addresses: [peer] }), inRoutes('resolvers'))],
  ['a resolver that is the host itself', allOf(shop(), inRoutes('resolvers', '192.168.16.1'))],
  ['peers of a network that jobs come to and leave', allOf(shop({ owner: 'woodpecker' }), inRoutes('peers'))],
  [
    'peers of a network that was just made',
    allOf(shop({ createdAt: inspectedAt - minute }), inRoutes('peers')),
  ],
  [
    'peers of a network whose containers were not told',
    allOf(shop({ endpoints: 3, addresses: undefined as never }), inRoutes('peers')),
  ],
  ['a listener there that answers', allOf(shop(), dialled([named({ address: peer })]))],
  ...(['A', 'B', 'C', 'D', 'F', 'G'] as const).map(
    (row): QuietRunner => [`row ${row}`, dialled([gateway(states[row])])],
  ),
])('%s: nothing is said', (_, change) => {
  expect(runnerFaultsOf(check, change)).toEqual([])
})

test('nobody asked for the runner', () => {
  expect(check.run(healthyFacts(), settingsWith())).toEqual([])
})
