import { describe, expect, test } from 'vitest'
import check from '../../../src/checks/runner/host-tcp-blackhole.ts'
import type { PortTarget } from '../../../src/facts/runner.ts'
import { dialled, gateway, named, open, refused, silent, states } from '../../support/dialled.ts'
import {
  allOf,
  bridgeOf,
  chainIn,
  churnOf,
  inspectedAt,
  minute,
  type QuietRunner,
  type RunnerChange,
  runnerFaultsOf,
  second,
  shown,
  without,
  withPrograms,
  withRules,
} from '../../support/runner-facts.ts'

const plain = without(
  'engine',
  'networks',
  'churn',
  'links',
  'rules',
  'routes',
  'conntrack',
  'kernel',
  'programs',
)
const inputDrops: RunnerChange = (runner) => {
  chainIn(runner, 'filter', 'INPUT').policy = 'DROP'
}
const kubeRouter = allOf(
  withRules('filter', 'KUBE-ROUTER-INPUT', '-m comment --comment "kube-router netpol" -j RETURN'),
  withPrograms('k3s-server'),
)
const seen = (state: Partial<PortTarget>, chosen: 'settings' | 'listeners' | 'usual') =>
  dialled([gateway(state)], { chosen })

describe('from a plain container', () => {
  test('TCP alone is dropped: every dial, ping and datagram is told, and every other explanation', () => {
    const change = allOf(plain, without('pressure'), dialled([gateway(states.A)]))
    expect(runnerFaultsOf(check, change)).toEqual([
      {
        subject: '172.17.0.1:22',
        severity: 'error',
        message:
          "port 22 of 172.17.0.1 (the host, as this container's gateway) gives no answer, while a ping was answered after 0.1 ms",
        because: "TCP alone is lost: ping and UDP reach the host's own stack.",
        advice: expect.stringContaining('iptables-save -c'),
        evidence: [
          '172.17.0.1:22 no answer in 2.0 s',
          'ports 9 and 25000 of 172.17.0.1, where nobody listens: no answer in 2.0 s',
          'ping 172.17.0.1: answered after 0.1 ms; UDP to a closed port: refused',
          'ruled out: routing or a shadowing network, starvation, a full queue, connection tracking, a rejecting rule, the tailnet alone, this container’s network',
          'ruled out: a link that is down, a route or a container network in the way (ping: answered after 0.1 ms)',
          'ruled out: programs of the host get too little CPU, disk or memory (a kernel completes TCP handshakes for programs that do not run)',
          'ruled out: the queue of a listener is full (ports without a listener are as silent, and have no queue)',
          'ruled out: the table of tracked connections is full (it would lose the ping as well)',
          'ruled out: a rule that rejects (it would answer at once; nothing came in 2.0 s)',
          'ruled out: only the way through the tailnet is dead (172.17.0.1 is no address of a tailnet)',
          'ruled out: the whole network of this container is dead (hosts beyond this one were reached meanwhile)',
        ],
        cause: "A 172.17.0.1 (the host, as this container's gateway)",
      },
    ])
  })

  test('all that no rule lets in is dropped', () => {
    const [fault] = runnerFaultsOf(check, allOf(plain, dialled([gateway(states.G)])))
    expect(fault).toMatchObject({
      severity: 'error',
      title: 'The host is alive and drops what no rule lets in: connections to it time out.',
      because:
        'What no rule lets in is dropped: no rule lets these ports in from containers, or the one that did was lost.',
    })
    expect(fault?.evidence?.[2]).toContain('UDP to a closed port: no answer')
  })

  test('ports that nobody named: a warning that says both readings and the setting that decides', () => {
    const [fault, ...more] = runnerFaultsOf(check, allOf(plain, seen(states.A, 'usual')))
    expect(more).toEqual([])
    expect(fault?.severity).toBe('warning')
    expect(fault?.message).toContain('either a firewall keeps containers out on purpose, or the rule')
    expect(fault?.advice).toMatch(/^Name the ports that must answer in the setting listeners: /)
  })

  test('several ports of one host are one finding', () => {
    const state = { ...states.A, ports: [silent(22), silent(6443), silent(443)] }
    const [fault, ...more] = runnerFaultsOf(check, dialled([gateway(state)]))
    expect(more).toEqual([])
    expect(fault).toMatchObject({
      subject: '172.17.0.1',
      message: expect.stringMatching(/^ports 22, 6443 and 443 of 172\.17\.0\.1 .* give no answer, /),
    })
  })

  test('of many ports a few are told', () => {
    const ports = Array.from({ length: 60 }, (_, at) => silent(5000 + at))
    const [fault] = runnerFaultsOf(check, dialled([gateway({ ...states.A, ports })]))
    expect(fault?.message).toMatch(/^ports 5000, 5001, 5002, 5003, 5004, 5005 and 54 more of /)
    expect(fault?.evidence).toContain('47 more ports of 172.17.0.1')
  })

  test('without ping it is told all the same, and routing is not ruled out', () => {
    const state = {
      ...states.A,
      ping: 'not possible' as const,
      pingSaid: 'there is no program ping here',
      datagram: 'silent' as const,
    }
    const [fault] = runnerFaultsOf(check, allOf(plain, dialled([named(state)])))
    expect(fault?.message).toContain('while the host is there')
    expect(fault?.evidence?.[3]).toBe(
      'not ruled out: routing or a shadowing network, connection tracking; ruled out: starvation, a full queue, a rejecting rule, the tailnet alone, this container’s network',
    )
  })
})

describe('rivals', () => {
  const line = (what: string, ...changes: RunnerChange[]) =>
    runnerFaultsOf(check, allOf(dialled([gateway(states.A)]), ...changes))[0]?.evidence?.find((text) =>
      text.includes(what),
    )

  test.each<[string, string, RunnerChange]>([
    [
      'connections are',
      'ruled out: the table of tracked connections is full (1758 of 917504 entries, 0 packets dropped for it)',
      () => {},
    ],
    [
      'tracked',
      'supported: the table of tracked connections is full (917504 of 917504 entries, 12 packets dropped for it)',
      (runner) => {
        runner.conntrack = shown({ count: 917_504, max: 917_504, drops: 12 })
      },
    ],
    [
      'tracked',
      'supported: the table of tracked connections is full (nf_conntrack: table full, dropping packet)',
      (runner) => {
        const lines = [
          { at: 0, kind: 'conntrack-full' as const, text: 'nf_conntrack: table full, dropping packet' },
        ]
        runner.kernel = shown({ window: { from: 0, to: 0, truncated: false }, lines })
      },
    ],
    [
      'CPU',
      'ruled out: programs of the host get too little CPU, disk or memory (a kernel completes TCP handshakes for programs that do not run; waiting in the last 10 s: CPU 2 %, disk 1 %, memory 0 %)',
      () => {},
    ],
    [
      'queue of',
      'ruled out: the queue of a listener is full (ports without a listener are as silent, and have no queue; 0 connections dropped at full queues while we looked; 0 of 128 waiting to be accepted)',
      dialled([gateway(states.A)], {
        listenDrops: 0,
        listeners: [{ address: '0.0.0.0', port: 22, queue: { waiting: 0, limit: 128 } }],
      }),
    ],
    [
      'network of this',
      'not ruled out: the whole network of this container is dead (nothing beyond the host was reached either)',
      dialled([gateway(states.A)], { beyond: 'not reached' }),
    ],
  ])('%s', (what, text, change) => {
    expect(line(what === 'connections are' ? 'tracked' : what, change)).toBe(text)
  })

  test.each([
    ['supported', { count: 900_000, max: 917_504 }],
    ['supported', { count: 10, max: 917_504, drops: 1 }],
    ['ruled out', { count: 10, max: 917_504 }],
    ['ruled out', { count: 800_000, max: 917_504, drops: 0 }],
  ])('%s: a table of %o', (stands, table) => {
    const change: RunnerChange = (runner) => {
      runner.conntrack = shown(table)
    }
    expect(line('tracked connections', change)).toMatch(new RegExp(`^${stands}: `))
  })

  test('a table that was not seen would lose the datagram', () => {
    const target = gateway({ ...states.A, ping: 'silent' })
    expect(line('tracked connections', dialled([target]), without('conntrack'))).toBe(
      'ruled out: the table of tracked connections is full (it would lose the datagram as well)',
    )
  })

  test.each<[string, PortTarget[]]>([
    [
      'supported: only the way through the tailnet is dead (172.17.0.1 answers)',
      [gateway({ ports: [open(22, 'came'), refused(443)] })],
    ],
    [
      'ruled out: only the way through the tailnet is dead (172.17.0.1, which is no address of it, is as dead)',
      [gateway(states.A)],
    ],
    [
      'not ruled out: only the way through the tailnet is dead (no other address of the host was dialled)',
      [],
    ],
  ])('%s', (text, others) => {
    const tailnet = named({ ...states.A, address: '100.101.102.103' })
    const faults = runnerFaultsOf(check, dialled([...others, tailnet]))
    expect(faults.at(-1)?.evidence).toContain(text)
  })
})

describe('where rules were seen', () => {
  test('the rule that drops is named', () => {
    const [fault] = runnerFaultsOf(
      check,
      allOf(dialled([gateway(states.A)]), withRules('filter', 'INPUT', '-p tcp -j DROP')),
    )
    expect(fault).toMatchObject({
      because: 'A rule drops it: “iptables filter INPUT: -p tcp -j DROP”.',
      advice: 'Find out what made the rule “iptables filter INPUT: -p tcp -j DROP”, and take it out there.',
    })
  })

  test('a rule for one port alone', () => {
    const drop = withRules('filter', 'INPUT', '-p tcp -m tcp --dport 22 -j DROP')
    const [fault] = runnerFaultsOf(check, allOf(dialled([gateway(states.C)]), drop))
    expect(fault?.title).toBe(
      'The host drops connections to one of its ports, and to no other: they time out.',
    )
  })

  test('a queue that has room leaves a rule for one port, wherever that is', () => {
    const listeners = [{ address: '0.0.0.0', port: 22, queue: { waiting: 0, limit: 128 } }]
    const [fault] = runnerFaultsOf(check, dialled([gateway(states.C)], { listeners, listenDrops: 0 }))
    expect(fault?.because).toBe(
      'Closed ports refuse at once, and its queue has room: a rule drops this port alone.',
    )
    expect(fault?.evidence).toContain(
      'ruled out: the queue of a listener is full (0 connections dropped at full queues while we looked; 0 of 128 waiting to be accepted)',
    )
  })

  test('lost updates: who writes whole tables is named, and the way out of it', () => {
    const [fault] = runnerFaultsOf(check, allOf(dialled([gateway(states.G)]), inputDrops, kubeRouter))
    expect(fault?.because).toBe(
      'The policy of iptables filter INPUT is DROP, and rules were lost: a whole table was written back over what others had changed.',
    )
    expect(fault?.evidence?.slice(4, 6)).toEqual([
      'iptables filter INPUT: policy DROP',
      expect.stringMatching(/^kube-router, inside k3s writes whole tables/),
    ])
    expect(fault?.advice).toMatch(/^Have the rule .* machine that is no Kubernetes node/)
    expect(fault?.advice).not.toMatch(/iptables["”]?: false/)
  })

  test('bridges that are gone and still in rules, and networks that came and went', () => {
    const gone = bridgeOf('gone')
    const churn: RunnerChange = (runner) => {
      const changes = ['create', 'destroy', 'create'].map((what, at) => ({
        at: inspectedAt - 5 * minute + at * second,
        what: what as 'create',
        name: `WORKFLOW-${at}`,
        owner: 'forgejo' as const,
      }))
      runner.churn = shown(churnOf(changes))
    }
    const [fault] = runnerFaultsOf(
      check,
      allOf(dialled([gateway(states.A)]), churn, withRules('filter', 'FORWARD', `-o ${gone} -j DOCKER`)),
    )
    expect(fault?.evidence).toContain('rules still name 1 bridge that is gone (iptables-stale-bridge-rule)')
    expect(fault?.evidence).toContain(
      '2026-03-01 11:55:00 to 2026-03-01 11:55:02: 2 networks made, 1 removed',
    )
    expect(fault?.because).toContain('Rules of this host were lost or written over.')
  })
})

test.each([
  ['an hour ago', 60 * minute, ['create', 'destroy', 'create']],
  ['one network, made and removed', 5 * minute, ['create', 'destroy']],
] as const)('what came and went without weight is not told: %s', (_, agoMs, what) => {
  const change: RunnerChange = (runner) => {
    const changes = what.map((one, at) => ({
      at: inspectedAt - agoMs + at * second,
      what: one,
      name: `WORKFLOW-${at}`,
      owner: 'forgejo' as const,
    }))
    runner.churn = shown(churnOf(changes))
  }
  const [fault] = runnerFaultsOf(check, allOf(dialled([gateway(states.A)]), change))
  expect(fault?.evidence?.filter((line) => line.includes('networks made'))).toEqual([])
})

describe('ports that the host was seen to listen on', () => {
  const ufw = withRules('filter', 'ufw-user-input', '-p tcp -m tcp --dport 8080 -j ACCEPT')

  test.each<[string, 'error' | 'warning', RunnerChange]>([
    ['TCP alone is lost', 'error', seen(states.A, 'listeners')],
    [
      'all is dropped that no rule lets in: it may be meant',
      'warning',
      allOf(seen(states.G, 'listeners'), inputDrops),
    ],
    [
      'the same with signs of lost rules',
      'error',
      allOf(seen(states.G, 'listeners'), inputDrops, kubeRouter),
    ],
    [
      'one of many is lost, with signs of lost rules',
      'error',
      allOf(seen({ ...states.G, ports: [open(22), silent(6443)] }, 'listeners'), kubeRouter),
    ],
  ])('%s: %s', (_, severity, change) => {
    const faults = runnerFaultsOf(check, change)
    expect(faults.map((fault) => fault.severity)).toEqual([severity])
    expect(faults[0]?.message.includes('either a firewall')).toBe(severity === 'warning')
  })

  test('a firewall that is in charge is named', () => {
    const [fault] = runnerFaultsOf(check, allOf(seen(states.G, 'listeners'), inputDrops, ufw))
    expect(fault?.because).toBe(
      'The policy of iptables filter INPUT is DROP, and ufw is in charge: it may keep these ports from containers on purpose.',
    )
  })
})

test.each<QuietRunner>([
  ['a healthy host', () => {}],
  ['ports were not seen', without('ports')],
  ['closed ports refuse', dialled([gateway({ ports: [refused(22)] })])],
  [
    'a firewall lets some in: nobody said that the others must answer',
    seen({ ...states.G, ports: [open(22, 'came'), silent(6443)] }, 'usual'),
  ],
  [
    'nor of those that the host listens on',
    seen({ ...states.A, ports: [open(22, 'came'), silent(6443)] }, 'listeners'),
  ],
  ...(['0', 'B', 'C', 'D', 'E', 'F'] as const).map(
    (row): QuietRunner => [`row ${row}`, allOf(plain, dialled([gateway(states[row])]))],
  ),
])('%s: nothing is said', (_, change) => {
  expect(runnerFaultsOf(check, change)).toEqual([])
})
