import type { Report } from '../../src/report/schema.ts'
import { certificateEnds } from '../report/changes.ts'
import { reportOf } from '../report/reports.ts'
import { coveredImage, coveredRegistry, partialImage } from '../support/coverage.ts'
import {
  absent,
  all,
  type Change,
  digestOf,
  hostIn,
  tagged,
  unseen,
  withBlob,
  withManifest,
} from '../support/facts.ts'
import { answeredAttempt, endpointLeg, failedAttempt } from '../support/legs.ts'
import { routingFor } from '../support/routing.ts'
import { areaIn, chainIn, healthyRunner, minute, withBurst, withKernelLine } from '../support/runner-facts.ts'

const brokenImage: Change = all(
  withManifest('arm64', absent()),
  withManifest('arm64 attestation', absent()),
  withBlob('amd64 layer', unseen('registry-error')),
  withBlob('amd64 config', unseen('storage-unreachable', 'cdn.example.com')),
)

const brokenPath: Change = (facts) => {
  hostIn(facts).retries = [{ kind: 'registry-unavailable', detail: '503' }]
  facts.image.targets.push(...structuredClone(facts.image.targets))
  facts.path.hosts.push({ ...structuredClone(hostIn(facts)), host: 'cdn.example.com', roles: ['storage'] })
  const slow = failedAttempt('tls-timeout', 'tls')
  facts.path.legs = [
    endpointLeg('ghcr.io', { '192.0.2.1': [answeredAttempt(), slow, answeredAttempt()] }),
    endpointLeg('quay.io', { '192.0.2.2': [answeredAttempt()], '192.0.2.3': [slow, slow, slow] }),
  ]
  facts.path.machine = { device: 'eth0', mtu: 1500, gateway: '192.0.2.254', resolvers: ['192.0.2.53'] }
  facts.path.log = [
    {
      ...{ method: 'GET', url: 'https://registry.example.com/v2/team/app/manifests/1.2', role: 'registry' },
      ...{ at: facts.path.at - 900, status: 200, address: '192.0.2.10', http2: true, attempt: 0 },
      phases: { dns: 2, connect: 3, tls: 9, headers: 20, body: 1 },
    },
  ]
}

const brokenRunner: Change = (facts) => {
  const runner = healthyRunner()
  withBurst(30, 900, 2 * minute)(runner)
  withKernelLine('netdev-leak', 'unregister_netdevice: waiting for veth1 to become free')(runner)
  chainIn(runner, 'filter', 'FORWARD').rules.unshift('-j DROP')
  areaIn(runner, 'routes').routing = routingFor(areaIn(runner, 'links'))
  facts.runner = runner
}

/** What a report says of a storage, in all its parts. */
const storage: NonNullable<Report['storage']> = {
  ...{ root: '/var/lib/registry', driver: 'filesystem', state: 'inspected', isCache: false, readMs: 40 },
  counts: { repositories: 2, tags: 3, manifests: 5, blobs: 9, bytes: 1e6, uploads: 0 },
  images: {
    ...{ tagged: 3, whole: 2, unknown: 0, more: 1 },
    broken: [
      {
        ...{ repository: 'team/app', digest: digestOf('index'), tags: ['1.2'], outcome: 'restore' },
        rollBacks: [{ tag: '1.2', digest: digestOf('older') }],
        damage: [{ digest: digestOf('arm64'), role: 'layer', place: 'link', state: 'missing' }],
        platforms: [
          {
            ...{ platform: 'linux/amd64', digest: digestOf('amd64'), state: 'broken', restorable: true },
            damage: [],
          },
        ],
      },
    ],
  },
  repair: {
    steps: [{ action: 'mount-blob', command: 'curl x', writes: 'a link', bytes: 10, images: [tagged] }],
    ...{ more: 0, bytes: 10 },
  },
  forecast: [
    {
      ...{ version: '2.8', deleteUntagged: true, likelihood: 'expected', aborts: 0, breaks: 1 },
      ...{ losesRepair: 1, emptied: 0, referrers: 0, revisions: 2, layerLinks: 2, blobs: 3, bytes: 4096 },
      byRepository: [{ repository: 'team/app', blobs: 3, bytes: 4096 }],
      images: [
        {
          ...{ repository: 'team/app', digest: digestOf('index'), tags: ['1.2'] },
          harm: 'breaks',
          platforms: 1,
          of: 2,
        },
      ],
    },
  ],
  dryRun: { state: 'agrees', deletions: 3 },
  unread: { count: 0, places: [] },
}

/** What a recording adds. */
const recording: Partial<NonNullable<Report['runner']>> = {
  recording: {
    ...{ samples: 20, from: '2026-03-01T11:58:00.000Z', to: '2026-03-01T12:00:00.000Z', morePeriods: 1 },
    dead: [
      {
        ...{ address: '172.17.0.1', port: 22, samples: 3 },
        ...{ from: '2026-03-01T11:58:20.000Z', to: '2026-03-01T11:58:50.000Z' },
      },
    ],
    rewrites: [
      {
        ...{ states: 3, writers: ['kube-proxy'] },
        ...{ from: '2026-03-01T11:59:00.000Z', to: '2026-03-01T11:59:01.000Z' },
      },
    ],
  },
}

/** A report in which every part that an output shows has something, from checks that found it. */
export function fullReport(): Report {
  const report = reportOf(all(brokenImage, brokenPath, brokenRunner, certificateEnds(3)), {
    given: { checks: 'image,registry,path,runner', endpoints: 'https://ghcr.io/v2/' },
    ci: { platform: 'woodpecker', event: 'push', number: '#1', url: 'https://ci.example.com' },
    stopped: { why: 'stopped by SIGTERM', exitCode: 143 },
    crashes: [{ check: 'layer-missing', error: new Error('a mistake') }],
  })
  return {
    ...report,
    groups: [...report.groups, { group: 'storage', status: 'fail', required: false, missing: 0 }],
    catalog: { registry: 'registry.example.com', repositories: 3, empty: 1 },
    coverage: {
      mirrors: [
        coveredRegistry([coveredImage({ upstream: { state: 'unknown', why: 'timed out' } }), partialImage()]),
      ],
      unmirrored: [{ registry: 'ghcr.io', images: 2 }],
      more: 0,
    },
    push: [{ repository: 'team/app', state: 'granted', scope: 'push,pull' }],
    storage,
    runner: { ...report.runner, ...recording } as Report['runner'],
  }
}
