import { describe, expect, test } from 'vitest'
import { rendered } from '../outputs/rendered.ts'
import { clusterOf } from '../support/cluster/cluster-facts.ts'
import { verifiedReport } from '../support/cluster/cluster-reports.ts'
import { app, backOff, eventOf, failedPull, podOf, resolveError } from '../support/cluster/objects.ts'
import { absent, hostIn, manifestIn, repositoryIn, targetIn } from '../support/facts.ts'

const digest = `sha256:${'b8f36508'.repeat(8)}`
const child = `failed to pull and unpack image "${app}": failed to copy: httpReadSeeker: failed open: could not fetch content descriptor ${digest} (application/vnd.oci.image.manifest.v1+json) from remote: not found`
const timedOut = resolveError('dial tcp 203.0.113.7:443: i/o timeout')

const lineOf = async (report: ReturnType<typeof verifiedReport>) =>
  (await rendered(report, 'plain')).log.split('\n').find((line) => line.includes(`${app} ·`)) ?? ''

describe('incident A: the index is there, an image that it lists is gone', () => {
  const cluster = clusterOf({
    pods: ['node-1', 'node-2', 'node-3'].map((node) => podOf({ node, waiting: backOff(child) })),
  })
  const report = verifiedReport(cluster, (facts) => {
    manifestIn(facts, 'amd64').observed = absent()
  })

  test('the line says: image broken for all, by the finding of the verification', async () => {
    expect(await lineOf(report)).toMatch(
      /3 of 7 nodes \(node-1, node-2, node-3\) · child, status: platform image gone.* · image broken for all: orphaned-index$/,
    )
  })

  test('there is one cause, the orphaned index, with the failed pulls below it', () => {
    const errors = report.causes.filter(({ severity }) => severity === 'error')
    expect(errors).toMatchObject([
      {
        id: 'orphaned-index',
        because: expect.stringMatching(/^Image broken for all: /),
        findings: expect.arrayContaining([
          expect.objectContaining({ id: 'pull-image-broken', subject: app }),
        ]),
      },
    ])
    expect(report).toMatchObject({ exitCode: 1, status: 'fail' })
  })

  test('the same when the nodes are only told “not found”, or time out', () => {
    for (const error of [`failed to resolve reference "${app}": ${app}: not found`, timedOut]) {
      const one = verifiedReport(clusterOf({ pods: [podOf({ waiting: backOff(error) })] }), (facts) => {
        manifestIn(facts, 'amd64').observed = absent()
      })
      expect(one.cluster?.pulls).toMatchObject([{ verified: { state: 'broken', ids: ['orphaned-index'] } }])
      expect(one.causes.filter(({ severity }) => severity === 'error').map(({ id }) => id)).toEqual([
        'orphaned-index',
      ])
    }
  })
})

describe('incident B: the pod that moved to a node that never pulled the image', () => {
  const cluster = clusterOf({
    pods: [
      podOf({ name: 'a', node: 'node-3', waiting: backOff(timedOut) }),
      ...[1, 2, 4, 5, 6, 7].map((at) => podOf({ node: `node-${at}` })),
    ],
    events: [eventOf({ pod: 'a', node: 'node-3', message: failedPull(timedOut), count: 51, first: 450 })],
  })
  const report = verifiedReport(cluster, (facts) => {
    hostIn(facts).addresses = ['10.0.0.5']
  })

  test('one line: image, node 1 of 7, leg, phase, address, node path', async () => {
    expect(await lineOf(report)).toBe(
      `          ✗ ${app} · 1 of 7 nodes (node-3) · resolve, connect: connection timed out, registry.example.com at 203.0.113.7:443 · 51 times since 00:42 UTC · node path, whole from here`,
    )
  })

  test('the cause is the way of the node, and the action the pin with the address that answers here', () => {
    expect(report.causes.filter(({ severity }) => severity === 'error')).toMatchObject([
      {
        id: 'pull-node-path',
        title: expect.stringMatching(/^Node path:/),
        because:
          'Verified from here, the image is whole, at 10.0.0.5, so that the way of the nodes is to blame.',
        advice: expect.stringContaining(
          'Pin registry.example.com to its internal address in /etc/hosts of every node',
        ),
        commands: ["echo '10.0.0.5 registry.example.com' | sudo tee -a /etc/hosts"],
      },
    ])
  })

  test('that six nodes run it from their cache is told', () => {
    expect(report.causes.find(({ id }) => id === 'pull-from-cache-only')?.findings).toMatchObject([
      { message: expect.stringContaining('6 nodes') },
    ])
  })

  test('no pin is advised where here, too, the name has a public address', () => {
    const other = verifiedReport(cluster)
    expect(other.causes.find(({ id }) => id === 'pull-node-path')?.commands).toBeUndefined()
  })
})

test('incident D: the egress of these nodes, all hosts at one phase', async () => {
  const images = ['ghcr.io/a/b:1', 'quay.io/a/b:1', 'registry.k8s.io/a/b:1']
  const pods = images.map((image) =>
    podOf({
      image,
      node: 'node-1',
      waiting: backOff(resolveError('net/http: TLS handshake timeout', image), image),
    }),
  )
  const report = verifiedReport(clusterOf({ pods }))
  expect(report.causes.filter(({ severity }) => severity === 'error')).toMatchObject([
    {
      id: 'pull-egress-failing',
      title: expect.stringContaining('Egress of these nodes'),
      findings: [{ message: expect.stringContaining('3 hosts at one phase, tls') }],
    },
  ])
})

describe('what a verification from here does not prove', () => {
  const waiting = (error: string) => clusterOf({ pods: [podOf({ waiting: backOff(error) })] })
  const verified = (error: string, change: Parameters<typeof verifiedReport>[1]) =>
    verifiedReport(waiting(error), change).cluster?.pulls[0]?.verified

  test('a login of this step that is refused says nothing of that of the pods', () => {
    const why = {
      kind: 'bad-credentials' as const,
      host: 'registry.example.com',
      phase: 'token' as const,
      detail: 'HTTP 401',
      evidence: [],
    }
    expect(
      verified(timedOut, (facts) => {
        targetIn(facts).first = { seen: false, why }
        repositoryIn(facts).manifests = []
        repositoryIn(facts).blobs = []
      }),
    ).toMatchObject({ state: 'not-verified', ids: ['bad-credentials'] })
  })

  test('a registry that cannot be reached from here either is no matter of the nodes alone', () => {
    const why = {
      kind: 'connection-timeout' as const,
      host: 'registry.example.com',
      phase: 'connect' as const,
      detail: 'no answer',
      evidence: [],
    }
    expect(
      verified(timedOut, (facts) => {
        targetIn(facts).first = { seen: false, why }
      }),
    ).toMatchObject({ state: 'unreachable', ids: ['connection-timeout'] })
  })

  test('an image that is whole from here, and broken for nodes, comes from another server there', () => {
    const report = verifiedReport(waiting(child))
    expect(report.causes).toMatchObject([
      {
        id: 'pull-image-broken',
        title: expect.stringMatching(/^Node path: the image is whole/),
        advice: expect.stringContaining('hosts.toml'),
      },
    ])
  })

  test('a registry that refuses the pods and serves this login is right', () => {
    const denied = `failed to resolve reference "${app}": pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed`
    expect(verifiedReport(waiting(denied)).causes[0]?.because).toContain('refuses the login of the pods')
  })

  test('another tag that is broken is not that of the pods', () => {
    const image = 'registry.example.com/team/other:1'
    const report = verifiedReport(
      clusterOf({ pods: [podOf({ image, waiting: backOff(resolveError('EOF', image), image) })] }),
      (facts) => {
        manifestIn(facts, 'amd64').observed = absent()
      },
    )
    expect(report.cluster?.pulls[0]?.verified?.state).toBe('not-verified')
    expect(
      report.causes
        .filter(({ severity }) => severity === 'error')
        .map(({ id }) => id)
        .toSorted(),
    ).toEqual(['orphaned-index', 'pull-node-path'])
  })
})
