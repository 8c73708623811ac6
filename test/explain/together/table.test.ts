import { expect, test } from 'vitest'
import { checks } from '../../../src/checks/index.ts'
import type { FailureKind } from '../../../src/core/failure.ts'
import type { Cause, Finding, Severity } from '../../../src/core/finding.ts'
import type { Group } from '../../../src/core/groups.ts'
import type { Link } from '../../../src/explain/together/link.ts'
import { combinations } from '../../../src/explain/together/table.ts'
import { together } from '../../../src/explain/together/together.ts'
import type { Dial, RunnerFact } from '../../../src/facts/runner.ts'
import {
  all,
  type Change,
  digestOf,
  healthyFacts,
  refused,
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

/** A request to a storage failed so, behind a redirect of the registry. */
const behindRedirect = (kind: FailureKind): Change =>
  all(withBlob('base layer', unseen('storage-unreachable', 's3.example.com')), ({ path }) => {
    const { why: failure } = unseen(kind, 's3.example.com')
    path.log.push({
      ...{ method: 'GET', url: 'https://s3.example.com/blob', role: 'storage', at: 0, http2: true },
      ...{ attempt: 0, phases: {}, failure },
    })
  })

const timedOut = (port: number): Dial => ({ port, result: 'timeout', ms: 2000 })
const refusedAt = (port: number): Dial => ({ port, result: 'refused', ms: 1 })

/** An address of this host was dialled so. */
const dialled = (canary: Dial, ports: Dial[], more: (runner: RunnerFact) => void = () => {}): Change =>
  withRunner((runner) => {
    areaIn(runner, 'ports').targets.push({
      ...{ address: '192.0.2.20', name: 'node', ping: 'answered', datagram: 'refused', canaries: [canary] },
      ports,
    })
    more(runner)
  })

/** The accept queues have room, so that a rule drops the ports. */
const dropping = (runner: RunnerFact) => {
  for (const port of [22, 443, 6443])
    areaIn(runner, 'ports').listeners.push({ address: '0.0.0.0', port, queue: { waiting: 0, limit: 128 } })
}

/** The registry led to a storage, which has an address. */
const withStorageHost: Change = ({ path }) => {
  const [host] = path.hosts
  if (host) path.hosts.push({ ...host, host: 'cdn.example.com', addresses: ['192.0.2.77'] })
}

/** A cause that is about another host, too. */
const about = (cause: Cause, subject: string): Cause => ({
  ...cause,
  findings: cause.findings.flatMap((one) => [one, { ...one, subject }]),
})

const failing = (address: string | string[], port?: number): Change =>
  withBlob('base layer', {
    seen: false,
    why: {
      ...unseen('connection-timeout').why,
      addresses: [address].flat(),
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
const conntrack = causeOf('conntrack-near-full', 'nf_conntrack')
const storage = causeOf('storage-unreachable', 's3.example.com')

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
      why: 'this host routes packets for 172.18.0.9, which requests went to, to the bridge of a container network',
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
    { relation: 'follows', why: '192.0.2.20:443, which requests went to, is a port of this host' },
  ],
  [
    'the whole address of the registry drops',
    causeOf('host-tcp-blackhole', '192.0.2.20'),
    timeout,
    all(dialled(timedOut(9), [timedOut(22), timedOut(6443)]), failing('192.0.2.20', 443)),
    { relation: 'follows', why: '192.0.2.20:443, which requests went to, is a port of this host' },
  ],
  [
    'two ports of the address of the registry drop, and not the one that requests went to',
    causeOf('host-tcp-blackhole', '192.0.2.20'),
    timeout,
    all(dialled(refusedAt(9), [timedOut(22), timedOut(6443)], dropping), failing('192.0.2.20', 443)),
    undefined,
  ],
  [
    'two ports of the address of the registry drop, and requests went to one of them',
    causeOf('host-tcp-blackhole', '192.0.2.20'),
    timeout,
    all(dialled(refusedAt(9), [timedOut(22), timedOut(443)], dropping), failing('192.0.2.20', 443)),
    { relation: 'follows', why: '192.0.2.20:443, which requests went to, is a port of this host' },
  ],
  [
    'one of two addresses of the registry is this host',
    port,
    timeout,
    all(withRunner(), failing(['192.0.2.20', '198.51.100.7'], 443)),
    {
      relation: 'open',
      why: '192.0.2.20:443, which requests went to, is a port of this host, and they also went to 198.51.100.7:443',
    },
  ],
  [
    'a container network covers one of two addresses',
    shadow,
    timeout,
    failing(['172.18.0.9', '192.0.2.10']),
    {
      relation: 'open',
      why: 'this host routes packets for 172.18.0.9, which requests went to, to the bridge of a container network, and they also went to 192.0.2.10',
    },
  ],
  [
    'where some requests went is not known',
    shadow,
    timeout,
    all(failing('172.18.0.9'), withBlob('amd64 layer', unseen('connection-timeout'))),
    {
      relation: 'open',
      why: 'this host routes packets for 172.18.0.9, which requests went to, to the bridge of a container network, and where the others went is not known',
    },
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
    'one of two hosts is silent',
    egress,
    about(timeout, 'internal.lan:5000'),
    noEgress({ silentHosts: [registry] }),
    undefined,
  ],
  [
    'the DNS server is silent, which says nothing of a host',
    egress,
    timeout,
    noEgress({ silentResolvers: ['192.0.2.53'] }),
    undefined,
  ],
  [
    'a refused connection is an answer',
    egress,
    causeOf('connection-refused', registry),
    noEgress({ silentHosts: [registry], silentResolvers: ['192.0.2.53'] }),
    undefined,
  ],
  [
    'another DNS server answers for the name',
    egress,
    causeOf('name-not-resolved', registry),
    all(
      noEgress({ silentResolvers: ['192.0.2.53'] }),
      withNames([nameOf(registry, { '192.0.2.53': 'silent', '172.18.0.1': 'no-such-name' })]),
    ),
    undefined,
  ],
  [
    'every one of several endpoints is silent',
    egress,
    causeOf('egress-failing', `${registry}, ghcr.io`),
    noEgress({ silentHosts: [registry, 'ghcr.io'] }),
    {
      relation: 'follows',
      why: `nothing beyond the gateway 172.18.0.1 answered this step, ${registry}, ghcr.io included`,
    },
  ],
  [
    'connections are dropped at a full table',
    conntrack,
    timeout,
    all(drops(7), failing('192.0.2.10', 443)),
    {
      relation: 'follows',
      why: 'the kernel dropped 7 packets at the full table while the requests were sent',
    },
  ],
  [
    'fewer packets are dropped than a timeout takes',
    conntrack,
    timeout,
    all(drops(1), failing('192.0.2.10', 443)),
    {
      relation: 'open',
      why: 'the kernel dropped 1 packet at the full table while the requests were sent, and 1 connection timed out: whether these packets were theirs was not seen',
    },
  ],
  [
    'the storage timed out',
    conntrack,
    storage,
    all(drops(7), behindRedirect('connection-timeout')),
    {
      relation: 'follows',
      why: 'the kernel dropped 7 packets at the full table while the requests were sent',
    },
  ],
  [
    'the storage refused the connection, which no dropped packet does',
    conntrack,
    storage,
    all(drops(7), behindRedirect('connection-refused')),
    undefined,
  ],
  ['how the storage failed is not known', conntrack, storage, drops(7), undefined],
  ['nothing was dropped', conntrack, timeout, all(drops(0), failing('192.0.2.10', 443)), undefined],
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
    'the storage has the damage in a repository whose name is the beginning of another',
    causeOf('storage-blob-missing', `team/app@${layer}`, stored),
    causeOf('layer-missing', `${repository}2@${layer}`, { repository: `${repository}2`, digest: layer }),
    () => {},
    undefined,
  ],
  [
    'the storage lacks a tag of a repository whose name is the end of another',
    causeOf('storage-tag-dangling', 'app:1.2', { repository: 'app' }),
    causeOf('tag-missing', tagged),
    () => {},
    undefined,
  ],
  [
    'the image is in a hosted registry, whose storage nobody else reads',
    causeOf('storage-tag-dangling', 'team/app:1.2', { repository: 'team/app' }),
    causeOf('tag-missing', 'ghcr.io/team/app:1.2'),
    () => {},
    undefined,
  ],
  [
    'two registries have a repository of that name',
    causeOf('storage-tag-dangling', 'team/app:1.2', { repository: 'team/app' }),
    causeOf('tag-missing', 'other.example.com/team/app:1.2'),
    () => {},
    {
      relation: 'open',
      why: `it is about the object that the storage was seen to lack or to hold damaged, and which of ${registry}, other.example.com keeps its data there was not seen`,
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
    'another name than that of the registry has another address',
    causeOf('resolver-disagreement', 'cdn.example.com'),
    causeOf('tag-missing', tagged),
    all(withStorageHost, withNames([nameOf('cdn.example.com', { '192.0.2.53': ['203.0.113.9'] })])),
    undefined,
  ],
  [
    'the storage that the registry led to has another address',
    causeOf('resolver-disagreement', 'cdn.example.com'),
    causeOf('layer-missing', `${repository}@${layer}`, { ...served, repository }),
    all(
      withStorageHost,
      withNames([nameOf('cdn.example.com', { '192.0.2.53': ['203.0.113.9'] })]),
      withBlob('base layer', {
        seen: true,
        value: { state: 'absent', refusal: { ...refused, storage: 'cdn.example.com' } },
      }),
    ),
    {
      relation: 'open',
      why: '192.0.2.77 answered, and cdn.example.com also has 203.0.113.9: whether the image is whole there was not asked',
    },
  ],
  ...(['registry-not-internal', 'pin-missing', 'pin-stale'] as const).flatMap((id): Case[] => [
    [
      `${id}: the name leads to one server, and another was not asked`,
      causeOf(id, registry),
      causeOf('orphaned-index', `${repository}@${layer}`, served),
      withPublicAddress,
      {
        relation: 'open',
        why: `192.0.2.10 answered, and ${registry} also has 203.0.113.9: whether the image is whole there was not asked`,
      },
    ],
    [
      `${id}: the answer may be that of another server, of which nothing is known`,
      causeOf(id, registry),
      causeOf('orphaned-index', `${repository}@${layer}`, served),
      () => {},
      undefined,
    ],
  ]),
  [
    'the registry answered at one address, and packets to another got lost',
    timeout,
    causeOf('layer-missing', `${repository}@${digestOf('another')}`, served),
    withDeadAddress('203.0.113.9'),
    {
      relation: 'open',
      why: '192.0.2.10 answered, and 203.0.113.9 did not: whether the image is whole there was not seen',
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
    after.includes(then.id) && ('errors' in first ? first.errors : first).includes(cause.id)
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
      for (const one of 'errors' in first ? first.errors : first) {
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
