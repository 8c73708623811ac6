import { describe, expect, test } from 'vitest'
import { stateOfPart } from '../../../../src/observe/runner/host/kernel-parts.ts'
import { fakeHostAccess } from '../../../support/fake-host-access.ts'

const state = (files: Record<string, string>, part: Parameters<typeof stateOfPart>[1] = 'nf_tables') =>
  stateOfPart(fakeHostAccess({ files }), part)
const loaded = (...names: string[]) => ({
  '/proc/modules': names.map((name) => `${name} 16384 0 - Live 0x0000000000000000\n`).join(''),
})

describe('whether `ss` would load tcp_diag', () => {
  test.each([
    ['present', { ...loaded('tcp_diag', 'inet_diag') }],
    ['absent', { ...loaded('inet_diag') }],
    ['absent', { ...loaded('ext4'), '/proc/kallsyms': '0000000000000000 t schedule\n' }],
    ['present', { ...loaded('ext4'), '/proc/kallsyms': '0000000000000000 t tcp_diag_get_info\n' }],
    ['unknown', { ...loaded('ext4') }],
  ])('%s', async (expected, files) => {
    expect(await state(files, 'tcp_diag')).toBe(expected)
  })
})

describe('whether a query would load nf_tables', () => {
  test('not in a kernel without modules', async () => {
    expect(await state({})).toBe('present')
    expect(await state({ '/proc/modules': '' })).toBe('present')
  })
  test('not where it is loaded', async () => {
    expect(await state(loaded('nf_tables', 'nfnetlink'))).toBe('present')
  })
  test('absent where nfnetlink is a loaded module and nf_tables is not', async () => {
    expect(await state(loaded('ip_tables', 'nfnetlink', 'nf_tables_something'))).toBe('absent')
  })
  test('by the kernel’s symbols, which show what is built in', async () => {
    const symbols = (...names: string[]) => names.map((name) => `0000000000000000 t ${name}\n`).join('')
    expect(
      await state({ ...loaded('ext4'), '/proc/kallsyms': symbols('schedule', 'nf_tables_newrule') }),
    ).toBe('present')
    expect(await state({ ...loaded('ext4'), '/proc/kallsyms': symbols('schedule') })).toBe('absent')
  })
  test('unknown without symbols', async () => {
    expect(await state(loaded('ext4'))).toBe('unknown')
  })
})
