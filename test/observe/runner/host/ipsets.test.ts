import { describe, expect, test } from 'vitest'
import { parseIpsets, readIpsets } from '../../../../src/observe/runner/host/ipsets.ts'
import { fakeHostAccess } from '../../../support/fake-host-access.ts'
import { tablesIn } from '../../../support/packet-host.ts'
import { recorded } from './recorded.ts'

const save = recorded('ipset.save')
const rules = (...names: string[]) =>
  tablesIn(
    `*filter\n:FORWARD ACCEPT [0:0]\n${names.map((name) => `-A FORWARD -m set --match-set ${name} src -j DROP\n`).join('')}COMMIT\n`,
  )

test('every type, with the options that change what matches and without counters and comments', () => {
  const sets = parseIpsets(save)
  expect(sets.find(({ name }) => name === 'nets')).toEqual({
    ...{ name: 'nets', type: 'hash:net', family: 'ip', elements: ['10.0.0.0/8', '0.0.0.0/1'] },
  })
  expect(sets.find(({ name }) => name === 'holes')?.elements.toSorted()).toEqual([
    '10.0.0.0/8',
    '10.1.0.0/16 nomatch',
  ])
  expect(sets.find(({ name }) => name === 'netif')?.elements).toContain('10.0.0.0/24,br- wildcard')
  expect(sets.map(({ name, type, family, netmask }) => [name, type, family, netmask])).toEqual([
    ['crowdsec-blacklists', 'hash:ip', 'ip', undefined],
    ['nets', 'hash:net', 'ip', undefined],
    ['holes', 'hash:net', 'ip', undefined],
    ['six', 'hash:net', 'ip6', undefined],
    ['web', 'hash:ip,port', 'ip', undefined],
    ['netport', 'hash:net,port', 'ip', undefined],
    ['netif', 'hash:net,iface', 'ip', undefined],
    ['ports', 'bitmap:port', undefined, undefined],
    ['bits', 'bitmap:ip', 'ip', undefined],
    ['coarse', 'hash:ip', 'ip', 24],
    ['ipn', 'hash:ip,port,net', 'ip', undefined],
    ['odd name', 'hash:ip', 'ip', undefined],
    ['group', 'list:set', undefined, undefined],
  ])
})

test('only 50,000 elements are kept, and the sets with more are marked', () => {
  const adds = Array.from(
    { length: 50_001 },
    (_, at) => `add big 10.${at >> 16}.${(at >> 8) & 255}.${at & 255}`,
  )
  const [big] = parseIpsets(`create big hash:ip family inet\n${adds.join('\n')}\n`)
  expect(big?.elements).toHaveLength(50_000)
  expect(big?.incomplete).toBe(true)
})

describe('where they are read', () => {
  test('only for rules that name one, and only those', async () => {
    const access = fakeHostAccess({ programs: { 'ipset save': save } })
    expect(await readIpsets(access, rules())).toBeUndefined()
    expect(access.ran).toEqual([])
    const found = await readIpsets(access, rules('nets', 'six', 'gone'))
    expect(found?.sets.map(({ name }) => name)).toEqual(['nets', 'six'])
    expect(found).not.toHaveProperty('unread')
  })

  test('the reason where they cannot be', async () => {
    expect(await readIpsets(fakeHostAccess({}), rules('nets'))).toEqual({
      sets: [],
      unread: 'ipset is not installed',
    })
  })

  test('the last set of a text that was cut off is incomplete', async () => {
    const stdout = save.slice(0, save.indexOf('add nets 0'))
    const access = fakeHostAccess({ programs: { ipset: { stdout, truncated: true } } })
    const found = await readIpsets(access, rules('crowdsec-blacklists', 'nets'))
    expect(found?.sets.map(({ incomplete }) => incomplete)).toEqual([undefined, true])
  })
})
