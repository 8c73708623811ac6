import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { docker29, hasDocker29 } from '../support/docker-29.ts'
import type { EngineOptions } from '../support/engine.ts'
import { type Firewalld, firewalldPrograms, startFirewalld } from '../support/firewalld.ts'
import { hostState } from '../support/host-state.ts'
import { type JobHost, jobHostPrograms, startJobHost, type Vantage } from '../support/job-host.ts'
import { suiteNeeds } from '../support/need.ts'
import { makeNetworkNamespace } from '../support/network-namespace.ts'
import { pluginImage, pluginImageTimeout } from '../support/plugin-image.ts'
import { startProgram } from '../support/program.ts'
import type { RunnerRun } from '../support/run-runner.ts'
import {
  type HostKind,
  healthyStates,
  type ReportedState,
  reportedStates,
} from '../support/runner-reports.ts'
import { suiteWithout } from '../support/suite.ts'
import { until } from '../support/until.ts'

const limits = { timeout: 120_000 }
let host: JobHost
const docker = (...args: string[]) => host.engine.docker(args)

/** A run from each of these places, at the same time. */
const from = (...vantages: Vantage[]): Promise<[Vantage, RunnerRun][]> =>
  Promise.all(
    vantages.map(
      async (vantage): Promise<[Vantage, RunnerRun]> => [
        ...([vantage, await host.run(vantage, { runner_window: '300ms' })] as const),
      ],
    ),
  )

async function begin(options: EngineOptions): Promise<void> {
  host = await startJobHost(options)
  await docker('network', 'create', 'idle')
  // Networks come and go on every CI host: no state is a race because of that.
  await docker('network', 'create', 'wp_2_0_default')
  await docker('network', 'rm', 'wp_2_0_default')
}

const healthy = () =>
  test('a healthy host, from everywhere: no finding, and nothing on it changes', limits, async () => {
    expect(await host.reaches()).toBe(true)
    const before = await hostState(host.engine.namespace)
    for (const [vantage, { exitCode, causes, log }] of await from('host', 'snapshot', 'socket', 'plain')) {
      expect([vantage, exitCode, causes]).toEqual([vantage, 0, []])
      // A line about the runner, between the headline and the verdict.
      if (vantage === 'plain') expect(log.split('\n').filter(Boolean)).toHaveLength(3)
    }
    expect(await hostState(host.engine.namespace)).toBe(before)
  })

const reported = (kind: HostKind) =>
  test.for(reportedStates[kind])('$name: $finds', limits, async (state) => {
    try {
      await host.shell(state.begin)
      expect(await host.reaches()).toBe(state.reaches)
      await expectFirst(state)
    } finally {
      await host.shell(state.end)
      if (state.restart) await host.engine.restart()
      await until('the job gets answers again', () => host.reaches())
    }
  })

async function expectFirst({ socket, finds, exitCode, says = [] }: ReportedState): Promise<void> {
  const runs = await from('host', 'snapshot', ...(socket === undefined ? [] : ['socket' as const]))
  for (const [vantage, { exitCode: code, report, causes, log }] of runs) {
    const expected = vantage === 'socket' ? socket : finds
    expect([vantage, report.causes[0]?.id, code]).toEqual([vantage, expected, exitCode])
    for (const what of says) expect(JSON.stringify(report)).toMatch(what)
    expect(causes).not.toContain('bridge-churn-race')
    expect(log).not.toMatch(/(?:network|system) prune/)
  }
}

suiteNeeds([...jobHostPrograms, 'docker-proxy'])('states of a host with Docker 20.10', () => {
  beforeAll(() => begin({}), pluginImageTimeout)
  afterAll(() => host?.stop(), 60_000)

  healthy()

  test('changes of the same kinds that harm nothing, all at once: no finding', limits, async () => {
    try {
      for (const { begin } of healthyStates) await host.shell(begin)
      expect(await host.reaches()).toBe(true)
      for (const [vantage, { exitCode, causes }] of await from('host', 'snapshot'))
        expect([vantage, exitCode, causes]).toEqual([vantage, 0, []])
    } finally {
      for (const { end } of healthyStates.toReversed()) await host.shell(end)
    }
  })

  test('a step on an internal network: no finding', limits, async () => {
    await docker('network', 'create', '--internal', 'inner')
    try {
      // With the host’s processes, it also knows which ports of the host have listeners.
      for (const flags of [[], ['--pid=host']]) {
        const run = ['run', '--rm', '--network=inner', '--env=PLUGIN_CHECKS=runner', ...flags, pluginImage]
        const log = await docker(...run)
        expect(log).toMatch(/^PASSED /m)
        expect(log).not.toMatch(/^! /m)
      }
    } finally {
      await docker('network', 'rm', 'inner')
    }
  })

  reported('Docker 20.10')

  test('a step whose socket nobody listens on: docker-not-answering', limits, async () => {
    const path = join(await host.shell('echo $DIR'), 'left.sock')
    const daemon = await startProgram(['socat', `UNIX-LISTEN:${path}`, 'PIPE'], {
      ready: async () => (await host.shell(`test -S ${path} && echo there || true`)) === 'there',
      stopWith: 'SIGKILL',
    })
    await daemon.stop()
    const mount = ['--user=0:0', `--volume=${path}:/var/run/docker.sock`]
    const run = docker('run', '--rm', ...mount, '--env=PLUGIN_CHECKS=runner', pluginImage)
    await expect(run).rejects.toMatchObject({
      exitCode: 1,
      stdout: expect.stringContaining('Docker is not running: its socket is still there'),
    })
  })

  // The last one: nothing can be started any more.
  test('dockerd that ended and left its socket, from the host: docker-not-answering', limits, async () => {
    await host.engine.kill()
    const { exitCode, report } = await host.run('host')
    expect([exitCode, report.causes[0]?.id]).toEqual([1, 'docker-not-answering'])
  })
})

suiteNeeds([...jobHostPrograms, ...firewalldPrograms])('states of a host with firewalld', () => {
  let firewalld: Firewalld
  beforeAll(async () => {
    const namespace = await makeNetworkNamespace()
    await namespace.run('sh', ['-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward'])
    firewalld = await startFirewalld(namespace)
    await begin({ namespace, env: firewalld.env })
  }, pluginImageTimeout)
  afterAll(async () => {
    await firewalld?.stop()
    await host?.stop()
  }, 60_000)

  healthy()
  reported('Docker 20.10 with firewalld')
})

for (const backend of ['nftables', 'iptables'] as const) {
  const suite = hasDocker29
    ? suiteNeeds([...jobHostPrograms, 'nft'])
    : suiteWithout('needs Docker 29, which .ci/run builds', { mustRunInCi: true })
  suite(`states of a host with Docker 29 and ${backend}`, () => {
    beforeAll(async () => begin(await docker29(backend)), pluginImageTimeout)
    afterAll(() => host?.stop(), 60_000)

    healthy()
    reported(`Docker 29 with ${backend}`)
  })
}
