import { expect, test } from 'vitest'
import { renderMetrics as metrics } from '../../src/outputs/metrics.ts'
import { clusterOf, unreadCluster } from '../support/cluster/cluster-facts.ts'
import { clusterReport } from '../support/cluster/cluster-reports.ts'
import { clusterWith, legs, viewsOf } from '../support/cluster/node-views.ts'
import { app, backOff, podOf, resolveError } from '../support/cluster/objects.ts'

const failing = clusterOf({
  pods: [podOf({ node: 'node-3', waiting: backOff(resolveError('net/http: TLS handshake timeout')) })],
})

test('who has to act, and how many nodes each image and cause fails on', () => {
  const text = metrics(clusterReport(failing))
  expect(text).toContain('regguard_cluster_failing_pulls{cluster="prod",who="path"} 1\n')
  expect(text).toContain('regguard_cluster_failing_pulls{cluster="prod",who="image"} 0\n')
  expect(text).toContain(
    `regguard_cluster_failing_nodes{cluster="prod",image="${app}",host="registry.example.com",leg="resolve",phase="tls",kind="tls-timeout"} 1\n`,
  )
  expect(text).toContain('regguard_cluster_findings{cluster="prod",id="pull-node-path",severity="error"} 1\n')
  expect(text).toContain('regguard_cluster_findings{cluster="prod",id="pull-refused",severity="error"} 0\n')
})

test('a cluster that was not read has no zeros, and keeps the time of the last success', () => {
  const before = metrics(clusterReport(failing))
  const success = /regguard_cluster_last_success_timestamp_seconds\{cluster="prod"\} ([\d.]+)/
  const text = metrics(
    clusterReport(unreadCluster({ failure: { of: 'api', kind: 'timeout', why: 'x' } })),
    before,
  )
  expect(text).toContain('regguard_cluster_accessible{cluster="prod"} 0\n')
  expect(success.exec(text)?.[1]).toBe(success.exec(before)?.[1])
  expect(text).not.toContain('regguard_cluster_failing_pulls')
})

test('series are bounded, and those left out are counted', () => {
  const pods = Array.from({ length: 230 }, (_, at) =>
    podOf({
      image: `r.example.com/a-${at}:1`,
      waiting: backOff('pull QPS exceeded', `r.example.com/a-${at}:1`),
    }),
  )
  const text = metrics(clusterReport(clusterOf({ pods })))
  expect(text.match(/^regguard_cluster_failing_nodes\{/gm)).toHaveLength(200)
  expect(text).toContain('regguard_cluster_dropped_series{cluster="prod"} 30\n')
})

test('of what the nodes see, each endpoint has the nodes from which it fails, zeros included', () => {
  const views = viewsOf((node) => [
    node === 'node-3' ? legs.timesOut('registry.example.com') : legs.works('registry.example.com'),
  ]).filter(({ node, kind }) => node !== 'node-7' || kind === 'host')
  const text = metrics(clusterReport(clusterWith(views)))
  const labels = 'cluster="prod",step="endpoint",url="https://registry.example.com/v2/"'
  expect(text).toContain(`regguard_cluster_endpoint_failing_nodes{${labels},view="host"} 1\n`)
  expect(text).toContain(`regguard_cluster_endpoint_failing_nodes{${labels},view="pod"} 1\n`)
  expect(text).toContain('regguard_cluster_missing_views{cluster="prod"} 1\n')
})
