import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hostsFileAddresses } from '../../../src/observe/http/hosts-file.ts'

const content = [
  '# 10.9.9.9 registry.test',
  '127.0.0.1\tlocalhost',
  '10.0.0.5   registry.test   reg # pinned by hand, not.this',
  '',
  '  10.0.0.6 REGISTRY.test',
  'fd00::5 registry.test\r',
  '10.0.0.7',
  '10.0.0.8 #registry.test',
].join('\n')

describe('the hosts file', () => {
  let directory: string
  let path: string
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'regguard-hosts-'))
    path = join(directory, 'hosts')
    await writeFile(path, content)
  })
  afterAll(() => rm(directory, { recursive: true }))

  test.each([
    ['registry.test', ['10.0.0.5', '10.0.0.6', 'fd00::5']],
    ['Registry.Test', ['10.0.0.5', '10.0.0.6', 'fd00::5']],
    ['reg', ['10.0.0.5']],
    ['localhost', ['127.0.0.1']],
    ['not.this', []],
    ['10.0.0.7', []],
    ['registry', []],
    ['', []],
  ])('assigns %j to %j', async (name, addresses) => {
    expect(await hostsFileAddresses(name, path)).toEqual(addresses)
  })

  test('assigns nothing if it does not exist', async () => {
    expect(await hostsFileAddresses('registry.test', join(directory, 'none'))).toEqual([])
  })
})
