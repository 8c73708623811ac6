import { describe, expect, test } from 'vitest'
import type { HostView } from '../../../../src/facts/runner.ts'
import { observeHost } from '../../../../src/observe/runner/host/host.ts'
import { changedBetween, type LinksAndRules } from '../../../../src/observe/runner/host/links-and-rules.ts'
import { readRules } from '../../../../src/observe/runner/host/read-rules.ts'
import { type FakeMachine, fakeHostAccess } from '../../../support/fake-host-access.ts'
import { recorded } from './recorded.ts'

const netAdmin = { '/proc/self/status': 'Name:\tnode\nCapEff:\t0000000000001000\n' }
const engineFiles = (net: string) =>
  Object.fromEntries(
    ['route', 'dev', 'fib_trie', 'tcp', 'tcp6', 'netstat'].map((name) => [`${net}/${name}`, recorded(name)]),
  )
const machine: FakeMachine = {
  files: {
    ...{ ...netAdmin, ...engineFiles('/proc/net'), ...engineFiles('/proc/1/net') },
    '/proc/uptime': '2000.00 1.00\n',
    '/proc/vmstat': 'oom_kill 0\n',
    '/proc/net/softnet_stat': '00000001 00000000 00000000\n',
    '/proc/sys/net/netfilter/nf_conntrack_count': '3\n',
    '/proc/sys/net/netfilter/nf_conntrack_max': '262144\n',
    '/proc/1/stat': '1 (systemd) S 0 1 1 0 -1 4194560\n',
  },
  directories: { '/proc': ['1'] },
  kernelLog: recorded('kernel-6.18.kmsg'),
  programs: {
    'iptables-nft-save': recorded('docker-20-nft.save'),
    'ip6tables-nft-save': '',
    'nft list tables': 'table ip filter\ntable ip nat\ntable ip docker-bridges\n',
    'nft -s list table ip docker-bridges': recorded('docker-29.nft'),
    'nft monitor': recorded('nft-monitor'),
    'ip -j -d addr show': recorded('ip-addr.json'),
    'ip -ts monitor link': recorded('ip-monitor'),
    ss: recorded('ss'),
  },
}
const areaNames = [
  'links',
  'rules',
  'routes',
  'kernel',
  'conntrack',
  'pressure',
  'programs',
  'churn',
  'listeners',
] as const
const seenOf = (view: HostView) => areaNames.filter((name) => view[name].seen)
const observe = (
  namespace: HostView['namespace'],
  hostPid: boolean,
  change: FakeMachine = {},
  windowMs = 0,
) => {
  const access = fakeHostAccess({ ...machine, ...change })
  return observeHost({ access, namespace, hostPid, windowMs }).then((view) => ({ view, ran: access.ran }))
}

describe('which areas are seen from where', () => {
  test('the host’s own namespace and processes: everything', async () => {
    const { view } = await observe('initial', true, {}, 20)
    expect(seenOf(view)).toEqual([...areaNames])
    expect(view.namespace).toBe('initial')
    expect(view.rules).toMatchObject({
      seen: true,
      value: { writers: [{ program: 'iptables', changes: 20 }], unread: [] },
    })
  })

  test('the engine’s own namespace, not the machine’s initial one', async () => {
    const { view } = await observe('daemon', false)
    expect(view.namespace).toBe('daemon')
    expect(areaNames.filter((name) => !view[name].seen)).toEqual(['programs'])
  })

  test('only the host’s processes: what files under /proc/1/net show, and no program is run', async () => {
    const { view, ran } = await observe('container', true)
    expect(areaNames.filter((name) => !view[name].seen)).toEqual(['rules', 'conntrack'])
    expect(view.links).toMatchObject({ from: '/proc/1/net/dev' })
    expect(ran).toEqual([])
  })

  test('a plain container: the machine’s counters, but even with all privileges not the host’s rules', async () => {
    const privileged = { files: { ...machine.files, '/proc/self/status': 'CapEff:\t000001ffffffffff\n' } }
    const { view, ran } = await observe('container', false, privileged)
    expect(seenOf(view)).toEqual(['kernel', 'pressure', 'churn'])
    expect(view.rules).toMatchObject({ seen: false, applies: true, remedies: ['host-snapshot'] })
    expect(ran).toEqual([])
  })

  test('an unreadable /proc: each area has a reason and remedies', async () => {
    const access = fakeHostAccess({})
    const view = await observeHost({ access, namespace: 'container', hostPid: false, windowMs: 0 })
    expect(seenOf(view)).toEqual([])
    for (const name of areaNames) {
      const area = view[name]
      expect(area.seen ? '' : area.why, name).not.toBe('')
      if (!area.seen && name !== 'pressure') expect(area.remedies, name).not.toEqual([])
    }
  })
})

describe('rules are read only in the host’s namespace', () => {
  test('not without CAP_NET_ADMIN', async () => {
    const { view, ran } = await observe('initial', true, {
      files: { ...machine.files, '/proc/self/status': 'CapEff:\t0\n' },
    })
    expect(view.rules).toMatchObject({
      seen: false,
      why: 'CAP_NET_ADMIN is missing',
      remedies: ['host-snapshot', 'net-admin'],
    })
    expect(ran.filter((line) => /tables|nft/.test(line))).toEqual([])
  })

  test('missing programs are named', async () => {
    const { view } = await observe('initial', true, {
      programs: { 'ip -j -d addr show': recorded('ip-addr.json') },
    })
    expect(view.rules).toMatchObject({
      seen: false,
      remedies: ['tools'],
      why: expect.stringContaining('iptables-nft-save is not installed'),
    })
  })

  test('not in a user namespace that does not own the network', async () => {
    const denied = {
      exitCode: 4,
      stderr: 'Could not fetch rule set generation id: Permission denied (you must be root)',
    }
    const programs = {
      'iptables-nft-save': denied,
      'ip6tables-nft-save': denied,
      nft: { exitCode: 1, stderr: 'Operation not permitted' },
    }
    const { view } = await observe('daemon', false, { programs })
    expect(view.rules).toMatchObject({
      seen: false,
      remedies: ['host-snapshot', 'net-admin'],
      why: expect.stringContaining('denied'),
    })
  })

  test('programs that time out are named', async () => {
    const hung = { state: 'stopped' as const }
    const programs = { 'iptables-nft-save': hung, 'ip6tables-nft-save': hung, nft: hung, ip: hung, ss: hung }
    const { view } = await observe('daemon', false, { programs })
    expect(view.rules).toMatchObject({ seen: false, why: expect.stringContaining('nft timed out') })
    expect(view.links).toMatchObject({
      seen: true,
      from: expect.stringContaining('names only: ip timed out'),
    })
    expect(view.listeners.seen).toBe(true)
  })

  test('a backend that cannot be read is listed, and the others are read', async () => {
    const failing = {
      exitCode: 4,
      stderr: 'iptables-nft-save: Could not fetch rule set generation id: Permission denied\nmore',
    }
    const programs = {
      ...machine.programs,
      'iptables-nft-save': failing,
      'nft -s list table ip filter': 'table ip filter {\n}\n',
      'nft -s list table ip nat': 'table ip nat {\n}\n',
    }
    const { view } = await observe('initial', true, { programs })
    expect(view.rules).toMatchObject({
      seen: true,
      value: {
        tables: ['filter', 'nat', 'docker-bridges'].map((name) => ({ backend: 'native', name })),
        unread: [
          { backend: 'nft', why: expect.stringMatching(/^iptables-nft-save exited with code 4: .*denied$/) },
        ],
      },
    })
  })

  test('truncated output marks the rules as truncated', async () => {
    const truncatedOutput = { stdout: recorded('docker-20-nft.save').slice(0, 900), truncated: true }
    const { view } = await observe('initial', true, {
      programs: { ...machine.programs, 'iptables-nft-save': truncatedOutput },
    })
    expect(view.rules).toMatchObject({ seen: true, value: { truncated: true } })
  })
})

describe('every backend is read, and none is loaded', () => {
  const read = async (change: FakeMachine) => {
    const access = fakeHostAccess({ ...machine, ...change })
    return { ...(await readRules(access)), ran: access.ran }
  }
  const kinds = (tables: { backend: string; family: string; name: string }[]) =>
    tables.map(({ backend, family, name }) => `${backend} ${family} ${name}`)

  test('iptables-nft, then tables of nft itself; no table is read twice', async () => {
    const { tables, ran } = await read({})
    expect(kinds(tables)).toEqual(['nft ip filter', 'nft ip nat', 'native ip docker-bridges'])
    expect(ran.filter((line) => line.includes('legacy'))).toEqual([])
  })

  test('a table that iptables cannot express is read by nft', async () => {
    const nat = 'table ip nat {\n\tchain x {\n\t\tiifname "br-a" drop\n\t}\n}\n'
    const { tables } = await read({
      programs: {
        ...machine.programs,
        'iptables-nft-save':
          "*filter\n:FORWARD ACCEPT [0:0]\nCOMMIT\n# Table `nat' is incompatible, use 'nft' tool.\n",
        'nft -s list table ip nat': nat,
      },
    })
    expect(kinds(tables)).toEqual(['nft ip filter', 'native ip nat', 'native ip docker-bridges'])
  })

  test('base chains of nft in a table of iptables are read by nft, the others once', async () => {
    const filter =
      'table ip filter {\n\tchain FORWARD {\n\t\ttype filter hook forward priority filter; policy accept;\n\t}\n\n\tchain forward {\n\t\ttype filter hook forward priority filter; policy drop;\n\t}\n}\n'
    const { tables } = await read({
      programs: {
        ...machine.programs,
        // iptables-nft-save 1.8.9.
        'iptables-nft-save':
          "# Table `filter' contains incompatible base-chains, use 'nft' tool to list them.\n*filter\n:FORWARD ACCEPT [0:0]\nCOMMIT\n",
        'nft -s list table ip filter': filter,
        'nft -s list table ip nat': { exitCode: 1, stderr: 'No such file or directory' },
      },
    })
    expect(kinds(tables)).toEqual(['nft ip filter', 'native ip filter', 'native ip docker-bridges'])
    expect(tables[1]?.chains).toMatchObject([{ name: 'forward', hook: 'forward', policy: 'drop' }])
  })

  test('a table whose sets are too large to list is read without them', async () => {
    const table = (elements: string) =>
      `table inet t {\n\tset banned {\n\t\ttype ipv4_addr\n${elements}\t}\n\n\tchain c {\n\t\tip saddr @banned drop\n\t}\n}\n`
    const { tables } = await read({
      programs: {
        ...machine.programs,
        'nft list tables': 'table inet t\n',
        'nft -s list table inet t': { stdout: table('\t\telements = { 192.0.2.1,\n'), truncated: true },
        'nft -s -t list table inet t': table(''),
      },
    })
    expect(tables.at(-1)).toMatchObject({
      chains: [{ name: 'c', rules: ['ip saddr @banned drop'] }],
      sets: [{ name: 'banned', elements: [], incomplete: true }],
    })
  })

  test('legacy only where tables exist, and only with the save program', async () => {
    const files = {
      ...machine.files,
      '/proc/net/ip_tables_names': 'nat\nfilter\n',
      '/proc/net/ip6_tables_names': '',
    }
    const programs = { ...machine.programs, 'iptables-legacy-save': recorded('docker-20-legacy.save') }
    const { tables, ran } = await read({ files, programs })
    expect(kinds(tables).slice(-2)).toEqual(['legacy ip nat', 'legacy ip filter'])
    expect(ran.filter((line) => line.includes('legacy'))).toEqual(['iptables-legacy-save'])
  })

  test('names of legacy tables that cannot be read count as unread, not as none', async () => {
    const { unread } = await read({
      files: { ...machine.files, '/proc/net/ip_tables_names': { code: 'EACCES' } },
    })
    expect(unread).toEqual([{ backend: 'legacy', why: '/proc/net/ip_tables_names cannot be read (EACCES)' }])
  })

  test('nf_tables that is not loaded has no rules and is not queried', async () => {
    const files = { ...machine.files, '/proc/modules': 'nfnetlink 16384 0 - Live 0x0\n' }
    const { tables, unread, ran } = await read({ files })
    expect({ tables, unread, ran }).toEqual({ tables: [], unread: [], ran: [] })
  })

  test('tables of ebtables-legacy are named, as their rules are not read', async () => {
    const modules = ['nf_tables', 'ebtables', 'ebtable_filter', 'ebtable_broute']
    const files = {
      ...machine.files,
      '/proc/modules': modules.map((name) => `${name} 16384 0 - Live 0x0\n`).join(''),
    }
    expect((await read({ files })).ebtables).toEqual(['filter', 'broute'])
    expect(await read({})).not.toHaveProperty('ebtables')
  })
  test('nf_tables that may not be loaded is not queried, and counts as unread', async () => {
    const { unread, ran } = await read({
      files: { ...machine.files, '/proc/modules': 'ext4 1 0 - Live 0x0\n' },
    })
    expect(unread.map(({ backend }) => backend)).toEqual(['nft', 'native'])
    expect(ran).toEqual([])
  })

  test('a table removed while tables are listed does not count as unread', async () => {
    const removed = {
      exitCode: 1,
      stderr: 'Error: No such file or directory; did you mean table ‘nat’ in family ip?',
    }
    const { unread } = await read({
      programs: { ...machine.programs, 'nft -s list table ip docker-bridges': removed },
    })
    expect(unread).toEqual([])
  })
})

describe('interfaces that differ between two readings are passing', () => {
  const reading = (links: string[], rules: string[]): LinksAndRules => ({
    links: { seen: true, from: '', value: links.map((name) => ({ name, kind: 'bridge', addresses: [] })) },
    rules: {
      ...{ truncated: false, unread: [], count: rules.length, programMissing: false },
      tables: [{ backend: 'nft', family: 'ip', name: 'filter', chains: [{ name: 'FORWARD', rules }] }],
    },
  })
  test.each<[string, LinksAndRules, LinksAndRules, string[]]>([
    ['nothing', reading(['br-a'], ['-i br-a -j ACCEPT']), reading(['br-a'], ['-i br-a -j ACCEPT']), []],
    ['a bridge that was created', reading([], []), reading(['br-a'], []), ['br-a']],
    [
      'a bridge that was removed before its rules',
      reading(['br-a'], ['-o br-a -j DROP']),
      reading([], ['-o br-a -j DROP']),
      ['br-a'],
    ],
    [
      'rules that are being added',
      reading(['br-a'], ['-i br-a -j X']),
      reading(['br-a'], ['-i br-a -j X', '! -i x -o br-a -j Y']),
      ['br-a', 'x'],
    ],
    [
      'the same in another order',
      reading(['a', 'b'], ['-i a', '-i b']),
      reading(['b', 'a'], ['-i b', '-i a']),
      [],
    ],
  ])('%s', (_, before, after, passing) => {
    expect(changedBetween(before, after).toSorted()).toEqual(passing)
  })
})
