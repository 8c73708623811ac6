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
  seenArea,
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
  test('only TCP is dropped: every dial, ping and datagram is listed, and every alternative cause', () => {
    const change = allOf(plain, without('pressure'), dialled([gateway(states['tcp-dropped'])]))
    expect(runnerFaultsOf(check, change)).toEqual([
      {
        subject: '172.17.0.1:22',
        severity: 'error',
        message:
          "port 22 of 172.17.0.1 (the host, this container's gateway) does not answer, while a ping was answered after 0.1 ms",
        because: 'Only TCP is dropped: ping and UDP reach the host.',
        advice: expect.stringContaining('iptables-save -c'),
        evidence: [
          '172.17.0.1:22 no answer in 2.0 s',
          'unused ports 9 and 25000 of 172.17.0.1: no answer in 2.0 s',
          'ping 172.17.0.1: answered after 0.1 ms; UDP to a closed port: refused',
          'ruled out: routing or an overlapping network, starvation, a full accept queue, connection tracking, a REJECT rule, the tailnet only, this container’s network',
          'ruled out: a link is down, or a route or a container network diverts the packets (ping: answered after 0.1 ms)',
          'ruled out: host services get too little CPU, I/O or memory (the kernel completes TCP handshakes even for a program that does not run)',
          'ruled out: the accept queue of a listener is full (ports without a listener do not answer either, and have no queue)',
          'ruled out: the connection tracking table is full (a full table would also drop the ping)',
          'ruled out: a firewall rule rejects the connection (a rejection comes at once; no answer in 2.0 s)',
          'ruled out: only the path through the tailnet is down (172.17.0.1 is not a tailnet address)',
          'ruled out: the whole network of this container is down (other hosts were reached during the inspection)',
        ],
        cause: "tcp-dropped 172.17.0.1 (the host, this container's gateway)",
      },
    ])
  })

  test('everything that no rule accepts is dropped', () => {
    const [fault] = runnerFaultsOf(check, allOf(plain, dialled([gateway(states['policy-drop'])])))
    expect(fault).toMatchObject({
      severity: 'error',
      title: 'Default drop: the host is up but drops what no rule accepts, so connections to it time out.',
      because:
        'Packets that no rule accepts are dropped: no rule accepts these ports from containers, or the one that did was lost.',
    })
    expect(fault?.evidence?.[2]).toContain('UDP to a closed port: no answer')
  })

  test('ports that the settings do not name: a warning with both explanations and the setting that decides', () => {
    const [fault, ...more] = runnerFaultsOf(check, allOf(plain, seen(states['tcp-dropped'], 'usual')))
    expect(more).toEqual([])
    expect(fault?.severity).toBe('warning')
    expect(fault?.message).toContain('either a firewall blocks containers on purpose, or the rule')
    expect(fault?.advice).toMatch(/^Name the ports that must answer in the setting listeners: /)
  })

  test('several ports of one host are one finding', () => {
    const state = { ...states['tcp-dropped'], ports: [silent(22), silent(6443), silent(443)] }
    const [fault, ...more] = runnerFaultsOf(check, dialled([gateway(state)]))
    expect(more).toEqual([])
    expect(fault).toMatchObject({
      subject: '172.17.0.1',
      message: expect.stringMatching(/^ports 22, 6443 and 443 of 172\.17\.0\.1 .* do not answer, /),
    })
  })

  test('of many ports a few are listed', () => {
    const ports = Array.from({ length: 60 }, (_, at) => silent(5000 + at))
    const [fault] = runnerFaultsOf(check, dialled([gateway({ ...states['tcp-dropped'], ports })]))
    expect(fault?.message).toMatch(/^ports 5000, 5001, 5002, 5003, 5004, 5005 and 54 more of /)
    expect(fault?.evidence).toContain('47 more ports of 172.17.0.1')
  })

  test('without ping it is still reported, and routing is not ruled out', () => {
    const state = {
      ...states['tcp-dropped'],
      ping: 'not possible' as const,
      pingSaid: 'there is no program ping here',
      datagram: 'silent' as const,
    }
    const [fault] = runnerFaultsOf(check, allOf(plain, dialled([named(state)])))
    expect(fault?.message).toContain('while the host is up')
    expect(fault?.evidence?.[3]).toBe(
      'not ruled out: routing or an overlapping network, connection tracking; ruled out: starvation, a full accept queue, a REJECT rule, the tailnet only, this container’s network',
    )
  })
})

describe('alternative causes', () => {
  const line = (what: string, ...changes: RunnerChange[]) =>
    runnerFaultsOf(check, allOf(dialled([gateway(states['tcp-dropped'])]), ...changes))[0]?.evidence?.find(
      (text) => text.includes(what),
    )

  test.each<[string, string, RunnerChange]>([
    [
      'tracking table',
      'ruled out: the connection tracking table is full (1758 of 917504 entries, 0 packets dropped by it)',
      () => {},
    ],
    [
      'tracking table',
      'supported: the connection tracking table is full (917504 of 917504 entries, 12 packets dropped by it)',
      (runner) => {
        runner.conntrack = seenArea({ count: 917_504, max: 917_504, drops: 12 })
      },
    ],
    [
      'tracking table',
      'supported: the connection tracking table is full (nf_conntrack: table full, dropping packet)',
      (runner) => {
        const lines = [
          { at: 0, kind: 'conntrack-full' as const, text: 'nf_conntrack: table full, dropping packet' },
        ]
        runner.kernel = seenArea({ window: { from: 0, to: 0, truncated: false }, lines })
      },
    ],
    [
      'CPU',
      'ruled out: host services get too little CPU, I/O or memory (the kernel completes TCP handshakes even for a program that does not run; pressure in the last 10 s: CPU 2 %, I/O 1 %, memory 0 %)',
      () => {},
    ],
    [
      'queue of',
      'ruled out: the accept queue of a listener is full (ports without a listener do not answer either, and have no queue; 0 connections dropped at full queues during the inspection; 0 of 128 connections waiting to be accepted)',
      dialled([gateway(states['tcp-dropped'])], {
        listenDrops: 0,
        listeners: [{ address: '0.0.0.0', port: 22, queue: { waiting: 0, limit: 128 } }],
      }),
    ],
    [
      'network of this',
      'not ruled out: the whole network of this container is down (no other host was reached either)',
      dialled([gateway(states['tcp-dropped'])], { beyond: 'not reached' }),
    ],
  ])('%s', (what, text, change) => {
    expect(line(what, change)).toBe(text)
  })

  test.each([
    ['supported', { count: 900_000, max: 917_504 }],
    ['supported', { count: 10, max: 917_504, drops: 1 }],
    ['ruled out', { count: 10, max: 917_504 }],
    ['ruled out', { count: 800_000, max: 917_504, drops: 0 }],
  ])('%s: a table of %o', (stands, table) => {
    const change: RunnerChange = (runner) => {
      runner.conntrack = seenArea(table)
    }
    expect(line('tracking table', change)).toMatch(new RegExp(`^${stands}: `))
  })

  test('a full table that was not observed would drop the datagram', () => {
    const target = gateway({ ...states['tcp-dropped'], ping: 'silent' })
    expect(line('tracking table', dialled([target]), without('conntrack'))).toBe(
      'ruled out: the connection tracking table is full (a full table would also drop the datagram)',
    )
  })

  test.each<[string, PortTarget[]]>([
    [
      'supported: only the path through the tailnet is down (172.17.0.1 answers)',
      [gateway({ ports: [open(22, 'came'), refused(443)] })],
    ],
    [
      'ruled out: only the path through the tailnet is down (172.17.0.1, which is not a tailnet address, does not answer either)',
      [gateway(states['tcp-dropped'])],
    ],
    [
      'not ruled out: only the path through the tailnet is down (no other address of the host was dialled)',
      [],
    ],
  ])('%s', (text, others) => {
    const tailnet = named({ ...states['tcp-dropped'], address: '100.101.102.103' })
    const faults = runnerFaultsOf(check, dialled([...others, tailnet]))
    expect(faults.at(-1)?.evidence).toContain(text)
  })
})

describe('where rules were observed', () => {
  test('the rule that drops is named', () => {
    const [fault] = runnerFaultsOf(
      check,
      allOf(dialled([gateway(states['tcp-dropped'])]), withRules('filter', 'INPUT', '-p tcp -j DROP')),
    )
    expect(fault).toMatchObject({
      because: 'A rule drops the packets: “iptables filter INPUT: -p tcp -j DROP”.',
      advice: 'Find what created the rule “iptables filter INPUT: -p tcp -j DROP”, and remove it there.',
    })
  })

  test('a rule for only one port', () => {
    const drop = withRules('filter', 'INPUT', '-p tcp -m tcp --dport 22 -j DROP')
    const [fault] = runnerFaultsOf(check, allOf(dialled([gateway(states['backlog-full'])]), drop))
    expect(fault?.title).toBe(
      'Port dropped: the host drops connections to one of its ports, and only to that, so they time out.',
    )
  })

  test('if the queue has room, the cause is a rule for this port, even one that was not found', () => {
    const listeners = [{ address: '0.0.0.0', port: 22, queue: { waiting: 0, limit: 128 } }]
    const [fault] = runnerFaultsOf(
      check,
      dialled([gateway(states['backlog-full'])], { listeners, listenDrops: 0 }),
    )
    expect(fault?.because).toBe(
      'Closed ports refuse at once, and the accept queue has room: a rule drops only this port.',
    )
    expect(fault?.evidence).toContain(
      'ruled out: the accept queue of a listener is full (0 connections dropped at full queues during the inspection; 0 of 128 connections waiting to be accepted)',
    )
  })

  test('lost updates: the program that rewrites whole tables is named, with the remediation', () => {
    const [fault] = runnerFaultsOf(
      check,
      allOf(dialled([gateway(states['policy-drop'])]), inputDrops, kubeRouter),
    )
    expect(fault?.because).toBe(
      'The policy of iptables filter INPUT is DROP, and rules were lost: a whole table was written back over the changes of other programs.',
    )
    expect(fault?.evidence?.slice(4, 6)).toEqual([
      'iptables filter INPUT: policy DROP',
      expect.stringMatching(/^kube-router inside k3s rewrites whole tables/),
    ])
    expect(fault?.advice).toMatch(/^Restore the rule .* machine that is not a Kubernetes node/)
    expect(fault?.advice).not.toMatch(/iptables["”]?: false/)
  })

  test('deleted bridges in rules, and network changes', () => {
    const gone = bridgeOf('gone')
    const churn: RunnerChange = (runner) => {
      const changes = ['create', 'destroy', 'create'].map((what, at) => ({
        at: inspectedAt - 5 * minute + at * second,
        what: what as 'create',
        name: `WORKFLOW-${at}`,
        owner: 'forgejo' as const,
      }))
      runner.churn = seenArea(churnOf(changes))
    }
    const [fault] = runnerFaultsOf(
      check,
      allOf(
        dialled([gateway(states['tcp-dropped'])]),
        churn,
        withRules('filter', 'FORWARD', `-o ${gone} -j DOCKER`),
      ),
    )
    expect(fault?.evidence).toContain('rules still name 1 deleted bridge (iptables-stale-bridge-rule)')
    expect(fault?.evidence).toContain(
      '2026-03-01 11:55:00 to 2026-03-01 11:55:02 UTC: 2 networks created, 1 removed',
    )
    expect(fault?.because).toContain('Rules of this host were lost or overwritten.')
  })
})

test.each([
  ['an hour ago', 60 * minute, ['create', 'destroy', 'create']],
  ['one network, created and removed', 5 * minute, ['create', 'destroy']],
] as const)('insignificant network changes are not listed: %s', (_, agoMs, what) => {
  const change: RunnerChange = (runner) => {
    const changes = what.map((one, at) => ({
      at: inspectedAt - agoMs + at * second,
      what: one,
      name: `WORKFLOW-${at}`,
      owner: 'forgejo' as const,
    }))
    runner.churn = seenArea(churnOf(changes))
  }
  const [fault] = runnerFaultsOf(check, allOf(dialled([gateway(states['tcp-dropped'])]), change))
  expect(fault?.evidence?.filter((line) => line.includes('networks created'))).toEqual([])
})

describe('ports with a listener on the host', () => {
  const ufw = withRules('filter', 'ufw-user-input', '-p tcp -m tcp --dport 8080 -j ACCEPT')

  test.each<[string, 'error' | 'warning', RunnerChange]>([
    ['only TCP is dropped', 'error', seen(states['tcp-dropped'], 'listeners')],
    [
      'everything that no rule accepts is dropped: it may be on purpose',
      'warning',
      allOf(seen(states['policy-drop'], 'listeners'), inputDrops),
    ],
    [
      'the same with signs of lost rules',
      'error',
      allOf(seen(states['policy-drop'], 'listeners'), inputDrops, kubeRouter),
    ],
    [
      'one of many ports is dropped, with signs of lost rules',
      'error',
      allOf(seen({ ...states['policy-drop'], ports: [open(22), silent(6443)] }, 'listeners'), kubeRouter),
    ],
  ])('%s: %s', (_, severity, change) => {
    const faults = runnerFaultsOf(check, change)
    expect(faults.map((fault) => fault.severity)).toEqual([severity])
    expect(faults[0]?.message.includes('either a firewall')).toBe(severity === 'warning')
  })

  test('a firewall that manages the rules is named', () => {
    const [fault] = runnerFaultsOf(check, allOf(seen(states['policy-drop'], 'listeners'), inputDrops, ufw))
    expect(fault?.because).toBe(
      'The policy of iptables filter INPUT is DROP, and ufw manages the rules: it may block these ports for containers on purpose.',
    )
  })
})

test.each<QuietRunner>([
  ['a healthy host', () => {}],
  ['ports that were not observed', without('ports')],
  ['closed ports that refuse', dialled([gateway({ ports: [refused(22)] })])],
  [
    'a firewall that accepts some of the usual ports',
    seen({ ...states['policy-drop'], ports: [open(22, 'came'), silent(6443)] }, 'usual'),
  ],
  [
    'a firewall that accepts some of the ports with a listener',
    seen({ ...states['tcp-dropped'], ports: [open(22, 'came'), silent(6443)] }, 'listeners'),
  ],
  ...(['open', 'rejected', 'backlog-full', 'starved', 'no-answer', 'no-route'] as const).map(
    (state): QuietRunner => [`state ${state}`, allOf(plain, dialled([gateway(states[state])]))],
  ),
])('%s: no finding', (_, change) => {
  expect(runnerFaultsOf(check, change)).toEqual([])
})
