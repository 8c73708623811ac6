import { describe, expect, test } from 'vitest'
import check from '../../../src/checks/runner/docker-subnet-shadows-peer.ts'
import type { NetworkFact } from '../../../src/core/model.ts'
import { dialled, gateway, named, states } from '../../support/dialled.ts'
import { blobIn, type Change, healthyFacts, settingsWith, type Told, unseen } from '../../support/facts.ts'
import {
  allOf,
  bridgeOf,
  healthyRunner,
  lookedAt,
  lookIn,
  minute,
  networkOf,
  type QuietRunner,
  type RunnerChange,
  runnerTold,
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
    const { routes } = lookIn(runner, 'routes')
    lookIn(runner, 'routes')[name].push(address)
    routes.push({ destination: '192.168.16.0/20', device: bridgeOf('shop_default') })
  }
const covers = `Docker's network shop_default (${bridgeOf('shop_default')}) covers 192.168.16.0/20`
const here = `This host sends packets for it to the bridge ${bridgeOf('shop_default')}, where no container has the address.`

/** The same with a registry that could not be reached. */
function withRegistry(
  kind: 'connection-timeout' | 'connection-refused',
  detail: string,
  change: RunnerChange,
): Told[] {
  const facts = healthyFacts()
  const lose: Change = (one) => {
    blobIn(one, 'amd64 layer').sight = unseen(kind, 'registry.example.com', detail)
  }
  lose(facts)
  const runner = healthyRunner()
  change(runner)
  return check
    .run({ ...facts, runner }, settingsWith())
    .map((fault) => ({ severity: check.severity, ...fault }))
}

describe('what was dialled', () => {
  test('a listener that nothing comes back from, in a network of Docker’s here', () => {
    const change = allOf(shop(), without('routes'), dialled([named({ ...states.E, address: peer })]))
    expect(runnerTold(check, change)).toEqual([
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
    const [fault, ...more] = runnerTold(check, change)
    expect(more).toEqual([])
    expect(fault).toMatchObject({
      severity: 'error',
      title: expect.stringContaining('may go to a container network'),
      because: expect.stringContaining('So do a firewall that drops everything, and a host that is off.'),
      advice: expect.stringContaining('ip route get'),
    })
  })

  test('a gateway that nobody named: a warning that names the setting', () => {
    const [fault] = runnerTold(check, dialled([gateway(states.E)], { chosen: 'usual' }))
    expect(fault?.severity).toBe('warning')
    expect(fault?.advice).toMatch(/^Name the ports that must answer in the setting listeners/)
  })

  test('a peer that was dialled is told once', () => {
    const change = allOf(shop(), inRoutes('resolvers'), dialled([named({ ...states.F, address: peer })]))
    expect(runnerTold(check, change)).toHaveLength(1)
  })
})

describe('what else is named', () => {
  test('a resolver', () => {
    expect(runnerTold(check, allOf(shop(), inRoutes('resolvers')))).toEqual([
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
    expect(runnerTold(check, allOf(shop(), inRoutes('peers')))).toMatchObject([
      { subject: peer, severity: 'warning', message: `it has connections to this host, and ${covers}` },
    ])
  })

  test.each([`no answer from ${peer} port 443 in 10 s`, `${peer} port 443: connect EHOSTUNREACH`])(
    'a registry that gave no answer: %s',
    (detail) => {
      expect(withRegistry('connection-timeout', detail, allOf(shop(), without('routes')))).toMatchObject([
        { subject: peer, severity: 'error', message: `the registry gives no answer, and ${covers}` },
      ])
    },
  )

  test('a registry that answered is not covered', () => {
    const detail = `${peer} port 443: connect ECONNREFUSED`
    expect(withRegistry('connection-refused', detail, allOf(shop(), without('routes')))).toEqual([])
  })
})

test.each<QuietRunner>([
  ['a healthy runner', () => {}],
  ['a resolver that is a container', allOf(shop({ addresses: [peer] }), inRoutes('resolvers'))],
  ['a resolver that is the host itself', allOf(shop(), inRoutes('resolvers', '192.168.16.1'))],
  ['peers of a network that jobs come to and leave', allOf(shop({ owner: 'woodpecker' }), inRoutes('peers'))],
  ['peers of a network that was just made', allOf(shop({ createdAt: lookedAt - minute }), inRoutes('peers'))],
  [
    'peers of a network whose containers were not told',
    allOf(shop({ endpoints: 3, addresses: undefined as never }), inRoutes('peers')),
  ],
  ['a listener there that answers', allOf(shop(), dialled([named({ address: peer })]))],
  ...(['A', 'B', 'C', 'D', 'F', 'G'] as const).map(
    (row): QuietRunner => [`row ${row}`, dialled([gateway(states[row])])],
  ),
])('%s: nothing is said', (_, change) => {
  expect(runnerTold(check, change)).toEqual([])
})

test('nobody asked for the runner', () => {
  expect(check.run(healthyFacts(), settingsWith())).toEqual([])
})
