import { describe, expect, test } from 'vitest'
import { observeLinks, parseLinkNames, parseLinks } from '../../../../src/observe/runner/host/links.ts'
import { fakeHostAccess } from '../../../support/fake-host-access.ts'
import { recorded } from './recorded.ts'

const own = { procNet: '/proc/net', isOwn: true }

describe('interfaces of an engine with two networks and one container', () => {
  const links = parseLinks(recorded('ip-addr.json')) ?? []
  const kinds = (kind: string) => links.filter((link) => link.kind === kind)

  test('three bridges, one with a container attached', () => {
    expect(kinds('bridge').map(({ name, carrier }) => [name, carrier])).toEqual([
      ['docker0', false],
      [expect.stringMatching(/^br-[0-9a-f]{12}$/), true],
      [expect.stringMatching(/^br-[0-9a-f]{12}$/), false],
    ])
    const [veth, ...others] = kinds('veth')
    expect(others).toEqual([])
    expect(veth).toMatchObject({ up: true, carrier: true, mtu: 1500, master: kinds('bridge')[1]?.name })
  })

  test('addresses with their prefix, IPv4 before IPv6', () => {
    expect(kinds('bridge')[0]?.addresses).toEqual(['172.17.0.1/16'])
    expect(links[0]).toMatchObject({ name: 'lo', index: 1, kind: '', addresses: ['127.0.0.1/8', '::1/128'] })
  })

  test('/proc/net/dev has the same names and nothing else', () => {
    const names = parseLinkNames(recorded('dev'))
    const sorted = (all: { name: string }[]) => all.map(({ name }) => name).toSorted()
    expect(sorted(names)).toEqual(sorted(links))
    expect(names.find(({ name }) => name === 'docker0')).toEqual({
      name: 'docker0',
      kind: 'bridge',
      addresses: [],
    })
    expect(names.filter(({ kind }) => kind === 'bridge')).toHaveLength(3)
  })
})

describe('other output of ip', () => {
  test.each(['', '{}', 'null', 'Usage: ip [ OPTIONS ]', '[{"ifindex":1'])('%j is not a list', (text) => {
    expect(parseLinks(text)).toBeUndefined()
  })
  test('entries that are not interfaces are skipped', () => {
    expect(parseLinks('[{}, 1, {"ifindex":2,"ifname":"a","flags":[],"mtu":1}]')).toEqual([
      { index: 2, name: 'a', kind: '', up: false, carrier: false, mtu: 1, addresses: [] },
    ])
  })
})

describe('where interfaces can be inspected', () => {
  const files = { '/proc/net/dev': recorded('dev'), '/proc/1/net/dev': recorded('dev') }

  test('not from a plain container', async () => {
    const access = fakeHostAccess({ files, programs: { ip: recorded('ip-addr.json') } })
    expect(await observeLinks(access, undefined)).toMatchObject({
      seen: false,
      applies: true,
      remedies: ['host-snapshot', 'host-network', 'host-pid'],
    })
    expect(access.ran).toEqual([])
  })

  test('by name through /proc/1/net', async () => {
    const access = fakeHostAccess({ files })
    const links = await observeLinks(access, { procNet: '/proc/1/net', isOwn: false })
    expect(links).toMatchObject({ seen: true, from: '/proc/1/net/dev' })
    expect(access.ran).toEqual([])
  })

  test('by name, with the reason, where ip has no JSON output', async () => {
    const access = fakeHostAccess({
      files,
      programs: { ip: { exitCode: 1, stderr: 'BusyBox v1.36: invalid option -- j' } },
    })
    const links = await observeLinks(access, own)
    expect(links.seen && links.from).toContain('names only: ip exited with code 1: BusyBox')
  })

  test('not where /proc hides other users’ processes', async () => {
    const links = await observeLinks(fakeHostAccess({}), { procNet: '/proc/1/net', isOwn: false })
    expect(links).toMatchObject({ seen: false, why: expect.stringContaining('hidepid') })
  })

  test('not from a truncated list', async () => {
    const access = fakeHostAccess({ programs: { ip: { stdout: '[]', truncated: true } } })
    expect(await observeLinks(access, own)).toMatchObject({ seen: false, remedies: ['tools'] })
  })
})
