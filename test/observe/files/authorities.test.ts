import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readAuthorities } from '../../../src/observe/files/authorities.ts'
import { type Authority, createAuthority } from '../../support/certs.ts'
import { suiteNeeds } from '../../support/need.ts'

suiteNeeds(['openssl'])('the certificates of ca_file', () => {
  let authority: Authority
  let leaf: string
  let directory: string
  beforeAll(async () => {
    authority = await createAuthority()
    leaf = (await authority.issue()).cert
    directory = await mkdtemp(join(tmpdir(), 'regguard-ca-'))
  })
  afterAll(async () => {
    await authority.remove()
    await rm(directory, { recursive: true })
  })

  const file = async (content: string): Promise<string> => {
    const path = join(directory, `${Math.random()}.pem`)
    await writeFile(path, content)
    return path
  }

  test('are none without the setting', async () => {
    expect(await readAuthorities(undefined)).toEqual({ ok: true, value: [] })
  })

  test('come from a file', async () => {
    expect(await readAuthorities(authority.caFile)).toEqual({ ok: true, value: [authority.ca.trim()] })
  })

  test('come from the text itself', async () => {
    expect(await readAuthorities(authority.ca)).toEqual({ ok: true, value: [authority.ca.trim()] })
  })

  test('are all certificates of a bundle, whatever is between them', async () => {
    const path = await file(`# mine\n${authority.ca}\nsubject=x\n${leaf}\n`)
    expect(await readAuthorities(path)).toEqual({ ok: true, value: [authority.ca.trim(), leaf.trim()] })
  })

  test.each([
    ['that is missing', async () => join(directory, 'none'), /cannot be read/],
    ['that is a directory', async () => directory, /cannot be read/],
    ['that is empty', () => file(''), /contains no certificate/],
    [
      'with a key',
      () => file('-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n'),
      /contains no certificate/,
    ],
    ['with a damaged certificate', () => file(authority.ca.replace(/M/g, 'A')), /damaged certificate/],
    [
      'with a damaged one among good ones',
      () => file(`${authority.ca}${leaf.replace(/M/g, 'A')}`),
      /damaged certificate/,
    ],
  ])('cannot come from a file %s, and the problem has its name', async (_, path, message) => {
    const value = await path()
    const problem = { setting: 'ca_file', value, message: expect.stringMatching(message) }
    expect(await readAuthorities(value)).toEqual({ ok: false, problem })
  })

  test('that are damaged are reported without the text', async () => {
    const read = await readAuthorities(authority.ca.replace(/M/g, 'A'))
    expect(read).toEqual({
      ok: false,
      problem: { setting: 'ca_file', message: expect.stringMatching(/damaged/) },
    })
  })
})
