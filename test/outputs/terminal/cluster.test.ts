import { expect, test } from 'vitest'
import { renderHtml } from '../../../src/outputs/html/page.ts'
import { renderJunit } from '../../../src/outputs/junit.ts'
import { reportSchema } from '../../../src/report/schema.ts'
import { clusterOf, unreadCluster } from '../../support/cluster/cluster-facts.ts'
import { clusterReport } from '../../support/cluster/cluster-reports.ts'
import { app, backOff, eventOf, failedPull, podOf, resolveError } from '../../support/cluster/objects.ts'
import { platforms, rendered } from '../rendered.ts'

const timedOut = resolveError('dial tcp 203.0.113.7:443: i/o timeout')
const incident = clusterOf({
  pods: [
    podOf({ name: 'a', node: 'node-3', waiting: backOff(timedOut) }),
    ...[1, 2, 4, 5, 6, 7].map((at) => podOf({ node: `node-${at}` })),
  ],
  events: [eventOf({ pod: 'a', node: 'node-3', message: failedPull(timedOut), count: 51, first: 450 })],
})

test('incident B: one line with image, node, leg, phase, address and who has to act', async () => {
  const { log } = await rendered(clusterReport(incident), 'plain')
  const lines = log.split('\n')
  expect(lines[0]).toContain('cluster prod')
  expect(lines).toContain(
    '          ✗ registry.example.com/team/app:1.2 · 1 of 7 nodes (node-3) · resolve, connect: connection timed out, registry.example.com at 203.0.113.7:443 · 51 times since 00:42 UTC · node path',
  )
  expect(log).toContain('7 nodes, 7 pods in 1 namespace · 1 image cannot be pulled')
  expect(log).toContain('pin its name to the internal address in /etc/hosts of every node')
  expect(log.trim().split('\n').at(-1)).toMatch(/^FAILED .*cluster ✗ .*exit 1$/)
})

test('a healthy cluster takes two lines and the verdict', async () => {
  const report = clusterReport(clusterOf({ pods: [podOf({}), podOf({})] }))
  const { log } = await rendered(report, 'plain')
  expect(log.split('\n').filter(Boolean)).toHaveLength(3)
  expect(log).toContain(
    '✓ cluster https://10.0.0.1:6443 (context prod) · 7 nodes, 2 pods in 1 namespace · no pod waits for an image that fails',
  )
  expect(report).toMatchObject({ status: 'pass', exitCode: 0 })
})

test('a pull that failed and recovered is a warning, which fails nothing', () => {
  const events = [eventOf({ node: 'node-3', message: failedPull(timedOut) })]
  expect(clusterReport(clusterOf({ events }))).toMatchObject({ status: 'warn', exitCode: 0 })
  expect(clusterReport(clusterOf({ events }), { fail_on: 'warning' })).toMatchObject({ exitCode: 1 })
})

test('what could not be read is unknown, with exit code 3 and the rule', async () => {
  const forbidden = { kind: 'forbidden' as const, status: 403, why: 'HTTP 403: pods is forbidden' }
  const report = clusterReport(unreadCluster({ unread: [{ resource: 'pods', failure: forbidden }] }))
  expect(report).toMatchObject({
    status: 'unknown',
    exitCode: 3,
    cluster: {
      notInspected: [{ resource: 'pods', rule: '{apiGroups: [""], resources: [pods], verbs: [list]}' }],
    },
  })
  const { log } = await rendered(report, 'plain')
  expect(log).toContain('? pods not inspected: HTTP 403: pods is forbidden')
  expect(log).toContain('kubectl create clusterrole regguard-pods --verb=list --resource=pods')
})

test('without nodes, an account for some namespaces is told everything else', () => {
  const forbidden = { kind: 'forbidden' as const, status: 403, why: 'HTTP 403' }
  const report = clusterReport(
    unreadCluster({ namespaces: ['shop'], unread: [{ resource: 'nodes', failure: forbidden }] }),
  )
  expect(report).toMatchObject({ status: 'pass', exitCode: 0 })
})

test('a cluster that does not answer is not inspected', async () => {
  const report = clusterReport(
    unreadCluster({ failure: { of: 'api', kind: 'unreachable', why: '10.0.0.1:6443: connection refused' } }),
  )
  expect(report).toMatchObject({
    exitCode: 3,
    cluster: { state: 'not inspected', why: '10.0.0.1:6443: connection refused' },
  })
})

test('hundreds of failing images are cut in the log, and whole in the report', async () => {
  const pods = Array.from({ length: 300 }, (_, at) => {
    const image = `registry.example.com/team/app-${at}:1`
    return podOf({
      image,
      waiting: backOff(resolveError('dial tcp 10.0.0.5:443: connect: connection refused', image), image),
    })
  })
  const report = clusterReport(clusterOf({ pods }))
  const { log } = await rendered(report, 'plain')
  expect(log.split('\n').length).toBeLessThan(60)
  expect(log).toContain('and 280 more failures in the JSON report')
  expect(report.cluster?.pulls).toHaveLength(300)
  expect(report.causes).toHaveLength(1)
})

test('a hostile cluster writes neither commands nor signatures into any output', async () => {
  const error =
    'unexpected status from GET request to https://s3.example.net/x?X-Amz-Signature=abc123def: 403 Forbidden\n::error::gotcha\n##[error]x\u001b[31m\u202e<script>alert(1)</script>'
  const image = `${app}\n::set-env name=X::y`
  const cluster = clusterOf({
    pods: [
      podOf({
        image,
        name: 'a\u001b[2J',
        namespace: '::warning::n',
        node: 'node\n::error::',
        waiting: backOff(error, image),
      }),
    ],
  })
  const report = clusterReport(cluster)
  const texts = [renderHtml(report), renderJunit(report), JSON.stringify(report)]
  for (const platform of platforms) {
    const { log, summary } = await rendered(report, platform)
    texts.push(log, summary)
    expect(log).not.toMatch(/^(?:::error::gotcha|::set-env|::warning::n)/m)
    expect(log).not.toContain('\u001b[2J')
  }
  for (const text of texts) expect(text).not.toContain('abc123def')
  expect(texts[0]).not.toContain('<script>alert')
})

test('the report has the form that its schema says', () => {
  expect(reportSchema.safeParse(clusterReport(incident)).error).toBeUndefined()
})
