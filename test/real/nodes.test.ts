import { readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { Report } from '../../src/report/schema.ts'
import { type FakeCluster, startFakeApi } from '../support/cluster/fake-api.ts'
import {
  backOff,
  eventOf,
  failedPull,
  nodeOf,
  podOf,
  probePodOf,
  resolveError,
} from '../support/cluster/objects.ts'
import { suiteNeeds } from '../support/need.ts'
import {
  beyond,
  inside,
  labImage,
  makeNodesLab,
  type NodesLab,
  nodesLabPrograms,
  outside,
} from '../support/nodes-lab.ts'
import { expectSection } from '../support/page-section.ts'
import { runCli } from '../support/run-cli.ts'
import { until } from '../support/until.ts'

/** Nine programs start on a machine that others use as well. */
vi.setConfig({ testTimeout: 180_000, hookTimeout: 240_000 })

const token = 'service-account-s3cr3t'

suiteNeeds(nodesLabPrograms)('the nodes of a cluster, each with its own way out', () => {
  let lab: NodesLab
  const file = join(tmpdir(), `regguard-nodes-${process.pid}.json`)

  beforeAll(async () => {
    lab = await makeNodesLab()
  })
  afterAll(async () => {
    await lab?.remove()
    await rm(file, { force: true })
  })

  const reports = () => Promise.all(lab.probes.map(({ report }) => report()))
  /** Waits until the reports of all probes are so. */
  const seen = (what: string, holds: (report: Report) => boolean) =>
    until(what, async () => (await reports()).every((report) => report && holds(report)), {
      limitMs: 150_000,
      everyMs: 500,
    })
  const urls = (report: Report) =>
    report.causes.flatMap(({ findings }) => findings.map(({ subject }) => subject))

  const nodes = [1, 2, 3, 4, 5, 6, 7].map((at) => nodeOf(`node-${at}`))
  const timedOut = resolveError(`dial tcp ${outside}:443: i/o timeout`, labImage)

  /** What `cluster --nodes` says as a pod of this cluster, at the hypervisor. */
  async function collect(more: object[] = [], events: object[] = []) {
    const cluster: FakeCluster = {
      token,
      tls: await lab.authority.issue({ names: ['10.0.0.1'] }),
      lists: {
        '/api/v1/nodes': nodes,
        '/api/v1/pods': [...lab.probes.map((probe) => probePodOf(probe)), ...more] as never[],
        '/api/v1/events': events as never[],
      },
    }
    const api = await startFakeApi(cluster, await lab.hypervisor.listen('10.0.0.1', 6443))
    try {
      const run = await lab.run(['cluster', '--nodes', '--report_json', file], {
        account: { token, ca: lab.authority.ca },
        env: { KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_SERVICE_PORT_HTTPS: '6443' },
      })
      const report = JSON.parse(await readFile(file, 'utf8')) as Report
      return { ...run, report, requests: api.requests }
    } finally {
      await api.close()
    }
  }
  /** The nodes, as they were collected last, compared with the hypervisor as it is now. */
  async function comparedWith(vantage: string) {
    const own = `${file}.${vantage}`
    const endpoints = ['https://registry.lab/v2/', ...Object.keys(beyond)].join(',')
    try {
      await lab.run(['--endpoints', endpoints, '--vantage', vantage, '--report_json', own])
      const { stdout, exitCode: code } = await runCli(['compare', own, file], { env: { PLUGIN_CHECKS: '' } })
      return { stdout, code }
    } finally {
      await rm(own, { force: true })
    }
  }
  const causes = ({ causes: all }: Report) =>
    all.filter(({ group, severity }) => group === 'cluster' && severity !== 'note').map(({ id }) => id)

  test('incident B: one of seven fails at the public address, its pods get through, and where nodes differ is told', async () => {
    await seen('the first reports', () => true)
    const { all, exitCode, report, requests } = await collect()
    expect(exitCode).toBe(1)
    const [fault] = report.causes
    expect([fault?.id, fault?.findings[0]?.message]).toEqual([
      'node-network-failing',
      `fails from 1 of 7 nodes (node-3): ${outside}: connection to ${outside}:443 timed out after 5 s`,
    ])
    expect(fault?.findings[0]?.evidence).toContain(`node-3 gets through, at ${inside}`)
    expect(
      report.cluster?.views?.setUps.map(({ kind, nodes: own, machine }) => [kind, own, machine.mtu]),
    ).toEqual([
      ['host', ['node-1', 'node-2', 'node-4', 'node-6', 'node-7'], 1500],
      ['host', ['node-3'], 1500],
      ['host', ['node-5'], 1400],
      ['pod', ['node-1', 'node-3'], 1450],
    ])
    // Pods run on two nodes only.
    expect(report.cluster?.views?.missing.map(({ node, kind }) => `${kind} ${node}`)).toEqual(
      [2, 4, 5, 6, 7].map((at) => `pod node-${at}`),
    )
    // From inside, the API server is asked for lists alone.
    expect(requests.filter((url) => url.includes('/proxy'))).toEqual([])
    expect(all).not.toContain(token)
    expectSection('Collect what they see', { stdout: all }, 'nodes.md')
  })

  test('a pull that fails there is the finding, with what the probes see as its evidence and the pin as the action', async () => {
    const pod = podOf({ name: 'a', node: 'node-3', image: labImage, waiting: backOff(timedOut, labImage) })
    const { report } = await collect(
      [pod],
      [eventOf({ pod: 'a', node: 'node-3', message: failedPull(timedOut, labImage), count: 51 })],
    )
    expect(causes(report).slice(0, 1)).toEqual(['pull-node-path'])
    expect(causes(report)).not.toContain('node-network-failing')
    const [cause] = report.causes
    expect(cause?.findings[0]?.evidence).toEqual(
      expect.arrayContaining([
        `probe on node-3, its own network: ${outside}: connection to ${outside}:443 timed out after 5 s`,
        `probe on node-3, in a pod: gets through now, at ${inside}`,
        `probes elsewhere: node-1, node-2, node-4, node-5 and 2 more get through, at ${inside}`,
      ]),
    )
    expect(cause?.commands).toEqual([`echo '${inside} registry.lab' | sudo tee -a /etc/hosts`])
  })

  test('incident D: TLS with unrelated hosts stalls from every node: their common egress, and no registry', async () => {
    const lift = await lab.hypervisor.fault(
      'forward',
      'iifname "wan0" oifname "br0" tcp sport 443 meta length > 80 drop',
    )
    try {
      await seen('the fault from all nodes', (report) =>
        Object.keys(beyond).every((name) => urls(report).some((subject) => subject.includes(name))),
      )
      const { exitCode, report } = await collect()
      expect(exitCode).toBe(1)
      const egress = report.causes.find(({ id }) => id === 'nodes-all-failing')
      expect(egress?.title).toMatch(/^Egress of all nodes:/)
      expect(egress?.findings.map(({ subject, message }) => [subject, message])).toEqual(
        Object.entries(beyond).map(([name, address]) => [
          `https://${name}/v2/`,
          `fails from all 7 nodes: ${address}: TLS handshake timed out after 10 s`,
        ]),
      )
      // The hypervisor gets through: what lies between it and its machines.
      const { stdout, code } = await comparedWith('pve1')
      expect(code).toBe(1)
      expect(stdout).toMatch(
        /FAILED {4}fails only from node-1 \(host\), .*: 2 legs of 3\n.*\n +node-1 \(host\), node-2 \(host\), .* leave through pve1 \(10\.0\.0\.1, 10\.0\.0\.254\), which gets through/,
      )
      expect(stdout).toContain('    node-5 (host): eth0 MTU 1400 · default route 10.0.0.254')
    } finally {
      await lift()
    }
  })

  test('incident D, one hop further: the hypervisor fails as well, so that it is beyond its router', async () => {
    const lift = await lab.hypervisor.fault(
      'prerouting',
      'iifname "wan0" tcp sport 443 meta length > 80 drop',
    )
    try {
      await seen('the fault from all nodes', (report) =>
        Object.keys(beyond).every((name) => urls(report).some((subject) => subject.includes(name))),
      )
      await collect()
      const { stdout, code } = await comparedWith('pve1')
      expect(code).toBe(1)
      expect(stdout).toMatch(
        /FAILED {4}fails from everywhere: 2 legs of 3\n.*what all places share is at fault\.\n +All of them leave by 198\.51\.100\.1: /,
      )
    } finally {
      await lift()
    }
  })
})
