import { expect, test } from 'vitest'
import { checks } from '../../../src/checks/index.ts'
import type { Cause, Finding, Severity } from '../../../src/core/finding.ts'
import type { Group } from '../../../src/core/groups.ts'
import type { Link } from '../../../src/explain/together/link.ts'
import { combinations } from '../../../src/explain/together/table.ts'
import { together } from '../../../src/explain/together/together.ts'
import type { RunnerFact } from '../../../src/facts/runner.ts'
import {
  all,
  type Change,
  digestOf,
  healthyFacts,
  registry,
  repository,
  tagged,
  unseen,
  withBlob,
} from '../../support/facts.ts'
import { endpointOf, holeOf, withMtu } from '../../support/mtu-facts.ts'
import { nameOf, withDeadAddress, withNames } from '../../support/name-facts.ts'
import { areaIn, healthyRunner } from '../../support/runner-facts.ts'

/** A cause as its check makes it, with one finding. */
function causeOf(id: string, subject: string, more: Partial<Finding> = {}): Cause {
  const check = checks.find((one) => one.id === id)
  if (!check) throw new Error(`there is no check ${id}`)
  const { group, severity, fault: title, advice } = check
  const finding = {
    id,
    group,
    severity,
    subject,
    message: '',
    evidence: [],
    advice,
    cause: '',
    title,
    ...more,
  }
  return { id, group, severity, title, advice, page: '', findings: [finding] }
}

const withRunner =
  (change: (runner: RunnerFact) => void = () => {}): Change =>
  (facts) => {
    facts.runner = healthyRunner()
    change(facts.runner)
  }

const uplinkOf1400 = withRunner((runner) => {
  for (const link of areaIn(runner, 'links')) if (link.name === 'eth0') link.mtu = 1400
})

/** Nothing beyond the gateway answers. */
const noEgress = (silent: { silentHosts?: string[]; silentResolvers?: string[] }): Change =>
  withRunner((runner) => {
    runner.egress = { device: 'eth0', gateway: '172.18.0.1', addresses: [], reached: false, ...silent }
  })

const drops = (count: number): Change =>
  withRunner((runner) => {
    areaIn(runner, 'conntrack').drops = count
  })

const failing = (address: string, port?: number): Change =>
  withBlob('base layer', {
    seen: false,
    why: {
      ...unseen('connection-timeout').why,
      addresses: [address],
      ...(port === undefined ? {} : { port }),
    },
  })

const layer = digestOf('base layer')
const stored = { repository: 'team/app', digest: layer }
const served = { repository, digest: layer }
const withPublicAddress = withNames([nameOf(registry, { '192.0.2.53': ['203.0.113.9'] })])

type Case = [sentence: string, first: Cause, then: Cause, change: Change, expected: Link | undefined]

const pmtu = causeOf('tls-handshake-timeout-pmtu', registry)
const timeout = causeOf('connection-timeout', registry)
const port = causeOf('host-tcp-blackhole', '192.0.2.20:443')
const shadow = causeOf('docker-subnet-shadows-peer', '172.18.0.9')
const egress = causeOf('step-no-egress', 'egress')

const cases: Case[] = [
  [
    'the narrow link is the uplink of the runner',
    causeOf('docker-mtu-exceeds-uplink', 'eth0'),
    pmtu,
    all(uplinkOf1400, withMtu(endpointOf({ inbound: holeOf(1400) }))),
    {
      relation: 'follows',
      why: 'the path carries packets of up to 1400 bytes, which is the MTU of the uplink eth0',
    },
  ],
  [
    'another link is narrower than the uplink of the runner',
    causeOf('mss-clamp-missing', 'eth0'),
    pmtu,
    all(uplinkOf1400, withMtu(endpointOf({ inbound: holeOf(1280) }))),
    {
      relation: 'apart',
      why: 'the path carries packets of up to 1280 bytes, and the uplink eth0 takes 1400: another link is the narrow one',
    },
  ],
  [
    'the packets that get lost are those to the server',
    causeOf('mss-clamp-one-way', 'eth0'),
    causeOf('tls-large-clienthello-dropped', registry),
    all(uplinkOf1400, withMtu(endpointOf({ outbound: holeOf(1400) }))),
    {
      relation: 'follows',
      why: 'the path carries packets of up to 1400 bytes, which is the MTU of the uplink eth0',
    },
  ],
  ['no path MTU was measured', causeOf('docker-mtu-exceeds-uplink', 'eth0'), pmtu, uplinkOf1400, undefined],
  [
    'a container network covers the address of the registry',
    shadow,
    timeout,
    failing('172.18.0.9'),
    {
      relation: 'follows',
      why: 'this host routes packets for 172.18.0.9 to the bridge of a container network',
    },
  ],
  [
    'a container network covers another address',
    shadow,
    timeout,
    failing('192.0.2.10'),
    { relation: 'apart', why: 'no container network covers 192.0.2.10' },
  ],
  ['it is not known which address was tried', shadow, timeout, withRunner(), undefined],
  [
    'the port that drops is the one of the registry',
    port,
    timeout,
    all(withRunner(), failing('192.0.2.20', 443)),
    { relation: 'follows', why: '192.0.2.20:443, which the requests went to, is a port of this host' },
  ],
  [
    'the whole address of the registry drops',
    causeOf('host-tcp-blackhole', '192.0.2.20'),
    timeout,
    all(withRunner(), failing('192.0.2.20', 443)),
    { relation: 'follows', why: '192.0.2.20:443, which the requests went to, is a port of this host' },
  ],
  [
    'the port that drops is on this host, and the registry is not',
    port,
    timeout,
    all(withRunner(), failing('198.51.100.7', 443)),
    { relation: 'apart', why: '198.51.100.7:443 is not on this host' },
  ],
  [
    'another port of the host of the registry drops',
    port,
    timeout,
    all(withRunner(), failing('192.0.2.20', 5000)),
    undefined,
  ],
  [
    'no host answers this step',
    egress,
    timeout,
    noEgress({ silentHosts: [registry, 'ghcr.io'] }),
    {
      relation: 'follows',
      why: `nothing beyond the gateway 172.18.0.1 answered this step, ${registry} included`,
    },
  ],
  [
    'no DNS server answers this step',
    egress,
    causeOf('name-not-resolved', registry),
    noEgress({ silentResolvers: ['192.0.2.53'] }),
    {
      relation: 'follows',
      why: 'nothing beyond the gateway 172.18.0.1 answered this step, the DNS server 192.0.2.53 included',
    },
  ],
  ['it is not known that the host is silent', egress, timeout, noEgress({}), undefined],
  [
    'connections are dropped at a full table',
    causeOf('conntrack-near-full', 'nf_conntrack'),
    timeout,
    drops(7),
    {
      relation: 'follows',
      why: 'the kernel dropped 7 packets at the full table while the requests were sent',
    },
  ],
  ['nothing was dropped', causeOf('conntrack-near-full', 'nf_conntrack'), timeout, drops(0), undefined],
  ...(
    [
      ['storage-orphaned-index', 'orphaned-index'],
      ['storage-blob-missing', 'layer-missing'],
      ['storage-blob-corrupt', 'blob-corrupt'],
    ] as const
  ).map(
    ([first, then]): Case => [
      `the storage has the damage of ${then}`,
      causeOf(first, `team/app@${layer}`, stored),
      causeOf(then, `${repository}@${layer}`, served),
      () => {},
      {
        relation: 'follows',
        why: 'it is about the object that the storage was seen to lack or to hold damaged',
      },
    ],
  ),
  [
    'the storage has a tag without its manifest',
    causeOf('storage-tag-dangling', 'team/app:1.2', { repository: 'team/app', digest: layer }),
    causeOf('tag-missing', tagged),
    () => {},
    {
      relation: 'follows',
      why: 'it is about the object that the storage was seen to lack or to hold damaged',
    },
  ],
  [
    'the damage is that of another object',
    causeOf('storage-blob-missing', 'x', { ...stored, digest: digestOf('another') }),
    causeOf('layer-missing', `${repository}@${layer}`, served),
    () => {},
    undefined,
  ],
  [
    'the name has another address, which was not asked',
    causeOf('resolver-disagreement', registry),
    causeOf('tag-missing', tagged),
    withPublicAddress,
    {
      relation: 'open',
      why: `192.0.2.10 answered, and ${registry} also has 203.0.113.9: whether the image is whole there was not asked`,
    },
  ],
  [
    'the name has no other address',
    causeOf('container-host-dns-differ', registry),
    causeOf('tag-missing', tagged),
    withNames([nameOf(registry, { '192.0.2.53': ['192.0.2.10'] })]),
    undefined,
  ],
  [
    'the registry says that the layer is gone, and connections time out',
    timeout,
    causeOf('layer-missing', `${repository}@${layer}`, served),
    withDeadAddress('192.0.2.10'),
    {
      relation: 'apart',
      why: 'the registry answered the requests for it, so they were not lost on the way',
    },
  ],
]

const linkOf = ([, first, then, change]: Case) => {
  const facts = healthyFacts()
  change(facts)
  const link = together([first, then], facts, [])?.links.find(({ cause }) => cause === then)
  return link && { relation: link.relation, why: link.why }
}

test.each(cases)('%s', (...one) => {
  expect(linkOf(one)).toEqual(one[4])
})

test('every row of the table has a test', () => {
  const isOf = ({ first, after }: (typeof combinations)[number], [, cause, then]: Case) =>
    after.includes(then.id) &&
    ('groups' in first ? first.groups.includes(cause.group) : first.includes(cause.id))
  for (const row of combinations)
    expect(
      cases.some((one) => isOf(row, one) && one[4] !== undefined),
      JSON.stringify(row),
    ).toBe(true)
})

test('the table names checks, each of another group than what follows from it', () => {
  const groupOf = new Map<string, Group>(checks.map(({ id, group }) => [id, group]))
  for (const { first, after } of combinations)
    for (const id of after) {
      expect(groupOf.get(id), id).toBeDefined()
      if ('groups' in first) continue
      for (const one of first) {
        expect(groupOf.get(one), one).toBeDefined()
        expect(groupOf.get(one), `${one} and ${id}`).not.toBe(groupOf.get(id))
      }
    }
})

test('a note has no part in it, and a warning only where a row names it', () => {
  const facts = healthyFacts()
  withDeadAddress('192.0.2.10')(facts)
  const gone = causeOf('layer-missing', `${repository}@${layer}`, served)
  const with_ = (severity: Severity) => together([gone, { ...timeout, severity }], facts, [])
  expect([with_('note'), with_('warning')]).toEqual([undefined, undefined])
  expect(with_('error')?.links).toHaveLength(1)
})
