import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectHealed, expectSafe, ran, type State, toRun } from '../advice/heal.ts'
import { type Lab, startLab } from '../advice/lab.ts'
import { docker29States } from '../advice/states-docker-29.ts'
import { firewalldStates } from '../advice/states-firewalld.ts'
import { networkStates } from '../advice/states-networks.ts'
import { ruleStates } from '../advice/states-rules.ts'
import { unmade } from '../advice/unmade.ts'
import { docker29, hasDocker29 } from '../support/docker-29.ts'
import { enginePrograms } from '../support/engine.ts'
import { type Firewalld, firewalldPrograms, startFirewalld } from '../support/firewalld.ts'
import { suiteNeeds } from '../support/need.ts'
import { makeNetworkNamespace } from '../support/network-namespace.ts'
import { type Suite, suiteWithout } from '../support/suite.ts'
import { tracePrograms } from '../support/syscall-trace.ts'
import { toolPrograms } from '../support/tool-image.ts'

const limits = { timeout: 120_000, concurrent: false }
const suite: Suite = hasDocker29
  ? suiteNeeds([
      ...[...enginePrograms, ...toolPrograms, ...tracePrograms, ...firewalldPrograms],
      ...['docker-proxy', 'unshare', 'nstat', 'fuser', 'journalctl', 'systemctl'],
    ])
  : suiteWithout('needs Docker 29, which .ci/run builds', { mustRunInCi: true })

suite('every command of a page or an advice, on a host in that state', () => {
  const all = [...ruleStates, ...networkStates, ...firewalldStates, ...docker29States]
  /** Each laboratory has an engine and namespaces of its own, and waits most of the time. */
  const sideBySide = { concurrent: true }

  /** What the commands look at and help with is run in the first state of each finding. */
  const testStates = (states: State[], lab: () => Lab) =>
    test.each(states.map((state) => [state.finding, state.name, state] as const))(
      '%s: %s',
      limits,
      async (finding, _, state) => {
        await expectHealed(lab(), state, all.find((one) => one.finding === finding) === state)
      },
    )

  describe('with Docker 20.10, its rules', sideBySide, () => {
    let lab: Lab
    beforeAll(async () => {
      lab = await startLab()
    }, 60_000)
    afterAll(() => lab?.stop(), 60_000)

    testStates(ruleStates, () => lab)
  })

  describe('with Docker 20.10, its networks', sideBySide, () => {
    let lab: Lab
    beforeAll(async () => {
      lab = await startLab()
    }, 60_000)
    afterAll(() => lab?.stop(), 60_000)

    test('of findings whose state is not made here, on a healthy host', limits, async () => {
      await expectSafe(lab, unmade)
      await lab.docker(['network', 'rm', 'ci'])
    })
    testStates(networkStates, () => lab)
  })

  describe('with Docker 20.10 and firewalld', sideBySide, () => {
    let firewalld: Firewalld
    let lab: Lab
    beforeAll(async () => {
      const namespace = await makeNetworkNamespace()
      await namespace.run('sysctl', ['-q', '-w', 'net.ipv4.ip_forward=1'])
      firewalld = await startFirewalld(namespace)
      lab = await startLab({ namespace, env: firewalld.env })
    }, 60_000)
    afterAll(async () => {
      await lab?.stop()
      await firewalld?.stop()
    }, 60_000)

    testStates(firewalldStates, () => lab)
  })

  describe('with Docker 29 and nftables', sideBySide, () => {
    let lab: Lab
    beforeAll(async () => {
      lab = await startLab(await docker29('nftables'), ['-o', 'com.docker.network.driver.mtu=1400'])
    }, 60_000)
    afterAll(() => lab?.stop(), 60_000)

    testStates(docker29States, () => lab)
  })

  test('each was run', () => {
    expect([...ran].toSorted()).toEqual(toRun().toSorted())
  })
})
