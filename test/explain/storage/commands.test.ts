import { expect, test } from 'vitest'
import { plainCollection, repairCommand } from '../../../src/explain/storage/commands.ts'
import { type RepairPlace, registryUrl } from '../../../src/explain/storage/place.ts'
import type { RepairStep } from '../../../src/facts/storage/repair.ts'

const hex = 'ab'.repeat(32)
const digest = `sha256:${hex}`
const place: RepairPlace = {
  root: '/srv/it is/',
  base: '',
  driver: 'filesystem',
  container: 'registry',
  registry: 'http://127.0.0.1:5000',
}
const step = (rest: Partial<RepairStep>): RepairStep => ({
  ...{ action: 'put-manifest', repository: 'app', digest, bytes: 1, images: [] },
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  ...rest,
})
const data = `'/srv/it is/blobs/sha256/ab/${hex}/data'`

test('paths with spaces are quoted, and the root may be the layout itself', () => {
  expect(repairCommand(step({ action: 'move-away' }), place).command).toBe(
    `mv ${data} '/srv/it is/blobs/sha256/ab/${hex}/data.damaged'`,
  )
  expect(repairCommand(step({}), place).command).toContain(
    `--data-binary @${data} http://127.0.0.1:5000/v2/app/manifests/${digest}`,
  )
})

test('the container of the registry is named as the engine names it', () => {
  expect(repairCommand(step({ action: 'restart' }), { ...place, container: 'reg_1' }).command).toBe(
    'docker restart reg_1',
  )
  expect(plainCollection('3', place)).toBe(
    'docker exec registry registry garbage-collect /etc/distribution/config.yml',
  )
  expect(plainCollection('2.8', { ...place, container: 'reg_1', config: '/my conf.yml' })).toBe(
    "docker exec reg_1 registry garbage-collect '/my conf.yml'",
  )
})

test('the data of a bucket comes through a pipe', () => {
  const bucket: RepairPlace = { ...place, driver: 's3', root: 's3://bucket/prefix' }
  const source = `s3://bucket/prefix/blobs/sha256/ab/${hex}/data`
  expect(repairCommand(step({}), bucket).command).toMatch(`aws s3 cp ${source} - | curl -fsS -X PUT`)
  expect(repairCommand(step({ action: 'upload-blob' }), bucket).command).toContain(
    `&& aws s3 cp ${source} - | curl -fsSg -T - "$url&digest=${digest}"`,
  )
  expect(repairCommand(step({ action: 'move-away' }), bucket).command).toBe(
    `aws s3 mv ${source} ${source}.damaged`,
  )
  const endpoint = 'http://[::1]:9000'
  expect(repairCommand(step({ action: 'move-away' }), { ...bucket, endpoint }).command).toBe(
    `aws --endpoint-url '${endpoint}' s3 mv ${source} ${source}.damaged`,
  )
})

test('the address of a registry is quoted where a shell takes it for a pattern', () => {
  const local = { ...place, registry: registryUrl({ registry: 'http://[::1]:5000', insecure: false }) }
  for (const action of ['put-manifest', 'put-tag', 'mount-blob', 'upload-blob', 'roll-back'] as const)
    expect(repairCommand(step({ action, tag: '1', from: 'other' }), local).command).toMatch(
      /'http:\/\/\[::1\]:5000\/v2\/app\/[^']+'/,
    )
})

test('every step says what it writes, and only a build has no command', () => {
  for (const action of ['restart', 'restart-again', 'mount-blob', 'put-tag', 'roll-back'] as const) {
    const { command, writes } = repairCommand(step({ action, tag: '1', from: 'other' }), place)
    expect([typeof command, writes.length > 10]).toEqual(['string', true])
  }
  expect(repairCommand(step({ action: 'push-again', tag: '1' }), place)).toEqual({
    writes: 'app:1: build and push it again, or copy it from where it still exists',
  })
})

test.each([
  [{}, 'REGISTRY'],
  [{ registry: 'registry.example.com' }, 'https://registry.example.com'],
  [{ registry: 'http://registry.example.com:5000/' }, 'http://registry.example.com:5000'],
  [{ registry: 'https://user:hunter2@registry.example.com' }, 'https://registry.example.com'],
  [{ registry: 'localhost:5000' }, 'http://localhost:5000'],
  [{ registry: 'registry.lan', insecure: true }, 'http://registry.lan'],
  [{ registry: '$(id)' }, 'REGISTRY'],
])('the URL of %j is %s', (settings, url) => {
  expect(registryUrl({ insecure: false, ...settings })).toBe(url)
})
