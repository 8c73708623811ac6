import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { writtenInStorage } from '../../../src/observe/files/inside.ts'
import { type FileOutput, fileOutputs } from '../../../src/outputs/index.ts'

let work: string
let storage: string
beforeEach(() => {
  work = realpathSync(mkdtempSync(join(tmpdir(), 'regguard-inside-')))
  storage = join(work, 'registry')
  for (const half of ['blobs', 'repositories'])
    mkdirSync(join(storage, 'docker/registry/v2', half), { recursive: true })
  mkdirSync(join(work, 'registry-reports'))
  symlinkSync(storage, join(work, 'link'))
  symlinkSync(join(storage, 'report.json'), join(work, 'report.json'))
})
afterEach(() => rmSync(work, { recursive: true, force: true }))

/** Every setting that names a file that is written; a new one of reports is among them. */
const settings = [...(Object.keys(fileOutputs) as FileOutput[]), 'state_dir' as const]

test.each(settings)('%s must not lie in the storage, however it is named', async (setting) => {
  const inside = [
    ...[join(storage, 'a'), join(storage, 'none/such/a'), join(work, 'link/a'), join(work, 'link/new/a')],
    ...[storage, join(work, 'elsewhere/../registry/a'), join(storage, 'docker/registry/v2/a')],
  ]
  for (const path of inside)
    for (const root of [storage, join(work, 'link'), join(storage, 'docker/registry/v2')])
      expect(await writtenInStorage({ storage: root, [setting]: path }), path).toEqual([
        { setting, value: path, message: `lies in the storage ${root}, where nothing is ever written` },
      ])
})

test('a link to a file in the storage that does not exist would make it', async () => {
  expect(await writtenInStorage({ storage, report_json: join(work, 'report.json') })).toHaveLength(1)
})

test('every setting is named at once', async () => {
  const all = Object.fromEntries(settings.map((setting) => [setting, join(storage, setting)]))
  expect((await writtenInStorage({ storage, ...all })).map(({ setting }) => setting)).toEqual([...settings])
})

test.each(settings)('%s may lie anywhere else', async (setting) => {
  for (const path of [join(work, 'registry-reports/a'), join(work, 'a'), '/a'])
    expect(await writtenInStorage({ storage, [setting]: path })).toEqual([])
  expect(await writtenInStorage({ storage: 's3://bucket/a', [setting]: 's3:/bucket/a/b' })).toEqual([])
  // What is no storage is told by the scan.
  expect(await writtenInStorage({ storage: work, [setting]: join(work, 'a') })).toEqual([])
  expect(await writtenInStorage({ [setting]: join(storage, 'a') })).toEqual([])
})
