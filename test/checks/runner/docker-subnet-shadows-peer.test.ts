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
const covers = `Docker network shop_default (${bridgeOf('shop_default')}) covers 192.168.16.0/20`
const routedToBridge = `This host routes packets for it to the bridge ${bridgeOf('shop_default')}, where no container has the address.`

/** What the check reports with a registry that could not be reached. */
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

describe('a dialled address', () => {
  test('a listener that does not answer, in a Docker network of this host', () => {
    const change = allOf(
      shop(),
      without('routes'),
      dialled([named({ ...states['no-answer'], address: peer })]),
    )
    expect(runnerFaultsOf(check, change)).toEqual([
      {
        subject: `${peer}:22`,
        severity: 'error',
        message: `no answer from port 22 of ${peer} (named in listeners), not even to a ping: ${covers}`,
        because: routedToBridge,
        evidence: [
          `${peer}:22 no answer in 4.0 s`,
          `unused ports 9 and 25000 of ${peer}: no answer in 4.0 s`,
          `ping ${peer}: no answer in 4.1 s; UDP to a closed port: no answer`,
          'not ruled out: a firewall that drops everything, a host that is down; ruled out: this container’s network',
          'not ruled out: a firewall drops all packets from here, pings included (ping: no answer in 4.1 s)',
          'not ruled out: the host is down, or its address changed (no router reported it; ping: no answer in 4.1 s)',
          'ruled out: the whole network of this container is down (other hosts were reached during the inspection)',
        ],
        cause: `no-answer ${peer} (named in listeners)`,
      },
    ])
  })

  test('from a plain container it is one of three possible causes, and the title claims no more', () => {
    const change = allOf(without('networks', 'routes', 'links'), dialled([named(states['no-answer'])]))
    const [fault, ...more] = runnerFaultsOf(check, change)
    expect(more).toEqual([])
    expect(fault).toMatchObject({
      severity: 'error',
      title: expect.stringContaining('may go to a container network'),
      because: expect.stringContaining(
        'A firewall that drops everything, or a host that is down, looks the same.',
      ),
      advice: expect.stringContaining('ip route get'),
    })
  })

  test('a gateway that the settings do not name: a warning that names the setting', () => {
    const [fault] = runnerFaultsOf(check, dialled([gateway(states['no-answer'])], { chosen: 'usual' }))
    expect(fault?.severity).toBe('warning')
    expect(fault?.advice).toMatch(/^Name the ports that must answer in the setting listeners/)
  })

  test('a peer that was dialled is reported once', () => {
    const change = allOf(
      shop(),
      inRoutes('resolvers'),
      dialled([named({ ...states['no-route'], address: peer })]),
    )
    expect(runnerFaultsOf(check, change)).toHaveLength(1)
  })
})

describe('an address that was not dialled', () => {
  test('a resolver', () => {
    expect(runnerFaultsOf(check, allOf(shop(), inRoutes('resolvers')))).toEqual([
      {
        subject: peer,
        severity: 'error',
        message: `it is a DNS resolver, and ${covers}`,
        because: routedToBridge,
        evidence: [`network shop_default: 192.168.16.0/20, 1 container, none with ${peer}`],
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
    'a registry that did not answer: %s',
    (kind) => {
      const found = withRegistry(kind, ['203.0.113.1', peer], allOf(shop(), without('routes')))
      expect(found).toMatchObject([
        { subject: peer, severity: 'error', message: `the registry does not answer, and ${covers}` },
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
  ['peers of a network of short-lived jobs', allOf(shop({ owner: 'woodpecker' }), inRoutes('peers'))],
  [
    'peers of a network that was just created',
    allOf(shop({ createdAt: inspectedAt - minute }), inRoutes('peers')),
  ],
  [
    'peers of a network whose container addresses are unknown',
    allOf(shop({ endpoints: 3, addresses: undefined as never }), inRoutes('peers')),
  ],
  ['a listener in that range that answers', allOf(shop(), dialled([named({ address: peer })]))],
  ...(['tcp-dropped', 'rejected', 'backlog-full', 'starved', 'no-route', 'policy-drop'] as const).map(
    (state): QuietRunner => [`state ${state}`, dialled([gateway(states[state])])],
  ),
])('%s: no finding', (_, change) => {
  expect(runnerFaultsOf(check, change)).toEqual([])
})

test('the runner is not checked', () => {
  expect(check.run(healthyFacts(), settingsWith())).toEqual([])
})
