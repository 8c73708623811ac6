import { expect, test } from 'vitest'
import { parse } from 'yaml'
import {
  readDeployed,
  rejectedByWoodpecker,
  serviceCommand,
  settingsOf,
  settingsOfStep,
} from '../support/deployed.ts'

/** The volumes of the data of a registry. */
const dataVolumes = (text: string) => text.match(/\S*\/var\/lib\/registry:\S+/g)

test('Woodpecker scans on its cron job, with the data read-only', async () => {
  const text = await readDeployed('woodpecker/registry-scan.yaml')
  const { when, labels, steps } = parse(text)
  expect(when).toContainEqual({ event: 'cron', cron: 'registry-scan' })
  expect(Object.keys(labels)).toEqual(['hostname'])
  const [{ settings }] = steps
  expect(settingsOfStep(settings)).toMatchObject({
    mode: 'scan',
    storage: '/var/lib/registry',
    report_prometheus: '/textfile/regguard-storage.prom',
  })
  expect(dataVolumes(text)).toEqual(['/var/lib/registry:/var/lib/registry:ro'])
})

test('what is commented out names the garbage collection, in words that regguard accepts', async () => {
  const without = (text: string) => text.replaceAll(/^( *)# (?=(?:- --)?(?:gc|delete_untagged)[:=])/gm, '$1')
  const { steps } = parse(without(await readDeployed('woodpecker/registry-scan.yaml')))
  const job = parse(without(await readDeployed('kubernetes/registry-scan.yaml')))
  const service = await readDeployed('systemd/regguard-scan.service')
  const [, more = ''] = /^# +(--gc .*)$/m.exec(service) ?? []
  for (const settings of [
    settingsOfStep(steps[0].settings),
    settingsOf(job.spec.jobTemplate.spec.template.spec.containers[0].args),
    settingsOf([...serviceCommand(service).regguard, ...more.split(' ')]),
  ])
    expect(settings).toMatchObject({ gc: '2.8', delete_untagged: 'true' })
})

const schemas = process.env.REGGUARD_SCHEMAS
test.skipIf(schemas === undefined)("Woodpecker's schema accepts it", async () => {
  expect(
    await rejectedByWoodpecker(schemas ?? '', await readDeployed('woodpecker/registry-scan.yaml')),
  ).toBeNull()
})

test('the service runs a scan that regguard accepts, with nothing but the data', async () => {
  const text = await readDeployed('systemd/regguard-scan.service')
  const { docker, regguard } = serviceCommand(text)
  expect(settingsOf(regguard)).toMatchObject({ mode: 'scan', storage: '/var/lib/registry' })
  expect(dataVolumes(text)).toEqual(['/var/lib/registry:/var/lib/registry:ro'])
  expect(docker.join(' ')).toContain('--network none --read-only --cap-drop ALL')
})

test('the pod of the cron job passes the restricted standard, and mounts the data read-only', async () => {
  const job = parse(await readDeployed('kubernetes/registry-scan.yaml'))
  expect(job).toMatchObject({
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    spec: { concurrencyPolicy: 'Forbid' },
  })
  const { backoffLimit, activeDeadlineSeconds, template } = job.spec.jobTemplate.spec
  expect(backoffLimit).toBe(0)
  expect(activeDeadlineSeconds).toBeLessThan(24 * 3600)
  const pod = template.spec
  expect(pod).toMatchObject({
    restartPolicy: 'Never',
    automountServiceAccountToken: false,
    securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
  })
  // It would change the owner of all files in the volume.
  expect(pod.securityContext.fsGroup).toBeUndefined()
  for (const field of ['hostNetwork', 'hostPID', 'hostIPC']) expect(pod[field]).toBeUndefined()
  expect(pod.volumes.map((volume: object) => Object.keys(volume).toSorted())).toEqual([
    ['name', 'persistentVolumeClaim'],
  ])
  const [container] = pod.containers
  expect(container.securityContext).toEqual({
    ...{ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true },
    capabilities: { drop: ['ALL'] },
  })
  expect(container.volumeMounts).toEqual([{ name: 'data', mountPath: '/var/lib/registry', readOnly: true }])
  expect(settingsOf(container.args)).toMatchObject({ mode: 'scan', storage: '/var/lib/registry' })
})
