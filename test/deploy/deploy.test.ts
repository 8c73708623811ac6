import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { readArguments } from '../../src/cli/arguments.ts'
import { readSettings } from '../../src/settings/read.ts'
import type { Settings } from '../../src/settings/schema.ts'
import { suiteNeeds } from '../support/need.ts'

const folder = new URL('../../deploy/', import.meta.url)
const read = (name: string) => readFile(new URL(name, folder), 'utf8')

/** The settings of a command line after the name of the program; an error where regguard would refuse it. */
function settingsOf(args: string[]): Settings {
  const command = readArguments(args)
  if (command.name !== 'verify') throw new Error(`it is the command ${command.name}`)
  const settings = readSettings({}, command.settings)
  expect(command.problems).toEqual([])
  if (!settings.ok) throw new Error(JSON.stringify(settings.problems))
  return settings.value
}

/** The volumes of the data of a registry. */
const dataVolumes = (text: string) => text.match(/\S*\/var\/lib\/registry:\S+/g)

test('Woodpecker scans on its cron job, with the data read-only', async () => {
  const text = await read('woodpecker/registry-scan.yaml')
  const { when, labels, steps } = parse(text)
  expect(when).toContainEqual({ event: 'cron', cron: 'registry-scan' })
  expect(Object.keys(labels)).toEqual(['hostname'])
  const [{ settings }] = steps
  const env = Object.fromEntries(
    Object.entries<string>(settings).map(([name, value]) => [`PLUGIN_${name.toUpperCase()}`, value]),
  )
  expect(readSettings(env)).toMatchObject({
    ok: true,
    unknown: [],
    value: {
      mode: 'scan',
      storage: '/var/lib/registry',
      report_prometheus: '/textfile/regguard-storage.prom',
    },
  })
  expect(dataVolumes(text)).toEqual(['/var/lib/registry:/var/lib/registry:ro'])
})

const schemas = process.env.REGGUARD_SCHEMAS
test.skipIf(schemas === undefined)("Woodpecker's schema accepts it", async () => {
  const schema = JSON.parse(await readFile(join(schemas ?? '', 'woodpecker.json'), 'utf8'))
  const validate = new Ajv({ allErrors: true, strict: false, validateFormats: false }).compile(schema)
  validate(parse(await read('woodpecker/registry-scan.yaml')))
  expect(validate.errors).toBeNull()
})

test('the service runs a scan that regguard accepts, with nothing but the data', async () => {
  const text = await read('systemd/regguard-scan.service')
  const [, start = ''] = /^ExecStart=((?:.*\\\n)*.*)$/m.exec(text) ?? []
  const words = start.replaceAll('\\\n', ' ').split(/ +/)
  const image = words.findIndex((word) => word.includes('/regguard-plugin:'))
  expect(settingsOf(words.slice(image + 1))).toMatchObject({ mode: 'scan', storage: '/var/lib/registry' })
  expect(dataVolumes(start)).toEqual(['/var/lib/registry:/var/lib/registry:ro'])
  expect(words.slice(0, image).join(' ')).toContain('--network none --read-only --cap-drop ALL')
})

suiteNeeds(['systemd-analyze', 'docker'])('systemd', () => {
  test('accepts the units', async () => {
    const units = ['service', 'timer'].map(
      (kind) => new URL(`systemd/regguard-scan.${kind}`, folder).pathname,
    )
    const { exitCode, all } = await execa('systemd-analyze', ['verify', '--man=no', ...units], {
      all: true,
      reject: false,
    })
    expect([exitCode, all]).toEqual([0, ''])
  })
})

test('the pod of the cron job passes the restricted standard, and mounts the data read-only', async () => {
  const job = parse(await read('kubernetes/registry-scan.yaml'))
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

test('the page names every file', async () => {
  const page = await read('README.md')
  const links = [...page.matchAll(/\]\(([^)]+)\)/g)].map(([, path = '']) => path)
  expect(links.toSorted()).toEqual([
    '../docs/alerts.md',
    'kubernetes/registry-scan.yaml',
    'prometheus/alertmanager.yaml',
    'prometheus/rules/regguard.yaml',
    'systemd/regguard-scan.service',
    'systemd/regguard-scan.timer',
    'woodpecker/registry-scan.yaml',
  ])
  for (const link of links) expect(await read(link)).not.toBe('')
})
