import { describe, expect, test } from 'vitest'
import type { HostView } from '../../../../src/facts/runner.ts'
import { observeHost } from '../../../../src/observe/runner/host/host.ts'
import { readRules } from '../../../../src/observe/runner/host/read-rules.ts'
import { passingBetween, type Snapshot } from '../../../../src/observe/runner/host/snapshot.ts'
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
const looks = [
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
const seenOf = (view: HostView) => looks.filter((name) => view[name].seen)
const observe = (
  namespace: HostView['namespace'],
  hostPid: boolean,
  change: FakeMachine = {},
  windowMs = 0,
) => {
  const access = fakeHostAccess({ ...machine, ...change })
  return observeHost({ access, namespace, hostPid, windowMs }).then((view) => ({ view, ran: access.ran }))
}

describe('what each kind of place shows', () => {
  test('the host’s own namespace and processes: everything', async () => {
    const { view } = await observe('initial', true, {}, 20)
    expect(seenOf(view)).toEqual([...looks])
    expect(view.namespace).toBe('initial')
    expect(view.rules).toMatchObject({
      seen: true,
      value: { writers: [{ program: 'iptables', changes: 20 }], unread: [] },
    })
  })

  test('the engine’s namespace, of which the machine’s is another', async () => {
    const { view } = await observe('daemon', false)
    expect(view.namespace).toBe('daemon')
    expect(looks.filter((name) => !view[name].seen)).toEqual(['programs'])
  })

  test('the host’s processes alone: what files under /proc/1/net tell, and no program is run', async () => {
    const { view, ran } = await observe('container', true)
    expect(looks.filter((name) => !view[name].seen)).toEqual(['rules', 'conntrack'])
    expect(view.links).toMatchObject({ from: '/proc/1/net/dev' })
    expect(ran).toEqual([])
  })

  test('a plain container: the machine’s counters; and with every privilege still no rule of the host', async () => {
    const privileged = { files: { ...machine.files, '/proc/self/status': 'CapEff:\t000001ffffffffff\n' } }
    const { view, ran } = await observe('container', false, privileged)
    expect(seenOf(view)).toEqual(['kernel', 'pressure', 'churn'])
    expect(view.rules).toMatchObject({ seen: false, applies: true, remedies: ['host-snapshot'] })
    expect(ran).toEqual([])
  })

  test('nothing but /proc closed: each part says why and what would show it', async () => {
    const access = fakeHostAccess({})
    const view = await observeHost({ access, namespace: 'container', hostPid: false, windowMs: 0 })
    expect(seenOf(view)).toEqual([])
    for (const name of looks) {
      const look = view[name]
      expect(look.seen ? '' : look.why, name).not.toBe('')
      if (!look.seen && name !== 'pressure') expect(look.remedies, name).not.toEqual([])
    }
  })
})

describe('rules are read only where they are the host’s', () => {
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

  test('missing programs are told by name', async () => {
    const { view } = await observe('initial', true, {
      programs: { 'ip -j -d addr show': recorded('ip-addr.json') },
    })
    expect(view.rules).toMatchObject({
      seen: false,
      remedies: ['tools'],
      why: expect.stringContaining('iptables-nft-save is not installed'),
    })
  })

  test('nor in a user namespace to which the network does not belong', async () => {
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

  test('programs that do not end in time are told too', async () => {
    const hung = { state: 'stopped' as const }
    const programs = { 'iptables-nft-save': hung, 'ip6tables-nft-save': hung, nft: hung, ip: hung, ss: hung }
    const { view } = await observe('daemon', false, { programs })
    expect(view.rules).toMatchObject({ seen: false, why: expect.stringContaining('nft did not end in time') })
    expect(view.links).toMatchObject({
      seen: true,
      from: expect.stringContaining('names only: ip did not end in time'),
    })
    expect(view.listeners.seen).toBe(true)
  })

  test('one that fails leaves the others, and is told', async () => {
    const failing = {
      exitCode: 4,
      stderr: 'iptables-nft-save: Could not fetch rule set generation id: Permission denied\nmore',
    }
    const programs = {
      ...machine.programs,
      'iptables-nft-save': failing,
      'nft -s -t list table ip filter': 'table ip filter {\n}\n',
      'nft -s -t list table ip nat': 'table ip nat {\n}\n',
    }
    const { view } = await observe('initial', true, { programs })
    expect(view.rules).toMatchObject({
      seen: true,
      value: {
        tables: ['filter', 'nat', 'docker-bridges'].map((name) => ({ backend: 'native', name })),
        unread: [
          { backend: 'nft', why: expect.stringMatching(/^iptables-nft-save ended with 4: .*denied$/) },
        ],
      },
    })
  })

  test('output that was cut lets nobody conclude that a rule is missing', async () => {
    const cut = { stdout: recorded('docker-20-nft.save').slice(0, 900), truncated: true }
    const { view } = await observe('initial', true, {
      programs: { ...machine.programs, 'iptables-nft-save': cut },
    })
    expect(view.rules).toMatchObject({ seen: true, value: { truncated: true } })
  })
})

describe('every backend is read, and none is woken', () => {
  const read = async (change: FakeMachine) => {
    const access = fakeHostAccess({ ...machine, ...change })
    return { ...(await readRules(access)), ran: access.ran }
  }
  const kinds = (tables: { backend: string; family: string; name: string }[]) =>
    tables.map(({ backend, family, name }) => `${backend} ${family} ${name}`)

  test('iptables-nft and what nft itself made; a table is not told twice', async () => {
    const { tables, ran } = await read({})
    expect(kinds(tables)).toEqual(['nft ip filter', 'nft ip nat', 'native ip docker-bridges'])
    expect(ran.filter((line) => line.includes('legacy'))).toEqual([])
  })

  test('a table that iptables has no words for is read by nft', async () => {
    const nat = 'table ip nat {\n\tchain x {\n\t\tiifname "br-a" drop\n\t}\n}\n'
    const { tables } = await read({
      programs: {
        ...machine.programs,
        'iptables-nft-save':
          "*filter\n:FORWARD ACCEPT [0:0]\nCOMMIT\n# Table `nat' is incompatible, use 'nft' tool.\n",
        'nft -s -t list table ip nat': nat,
      },
    })
    expect(kinds(tables)).toEqual(['nft ip filter', 'native ip nat', 'native ip docker-bridges'])
  })

  test('legacy only where there are tables, with the program that saves', async () => {
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

  test('names of legacy tables that may not be read are not “none”', async () => {
    const { unread } = await read({
      files: { ...machine.files, '/proc/net/ip_tables_names': { code: 'EACCES' } },
    })
    expect(unread).toEqual([{ backend: 'legacy', why: '/proc/net/ip_tables_names cannot be read (EACCES)' }])
  })

  test('nf_tables that is not loaded holds nothing, and is not asked', async () => {
    const files = { ...machine.files, '/proc/modules': 'nfnetlink 16384 0 - Live 0x0\n' }
    const { tables, unread, ran } = await read({ files })
    expect({ tables, unread, ran }).toEqual({ tables: [], unread: [], ran: [] })
  })

  test('nf_tables that may not be loaded is not asked either, and that is told', async () => {
    const { unread, ran } = await read({
      files: { ...machine.files, '/proc/modules': 'ext4 1 0 - Live 0x0\n' },
    })
    expect(unread.map(({ backend }) => backend)).toEqual(['nft', 'native'])
    expect(ran).toEqual([])
  })

  test('a table that goes while tables are listed is not one that could not be read', async () => {
    const gone = {
      exitCode: 1,
      stderr: 'Error: No such file or directory; did you mean table ‘nat’ in family ip?',
    }
    const { unread } = await read({
      programs: { ...machine.programs, 'nft -s list table ip docker-bridges': gone },
    })
    expect(unread).toEqual([])
  })
})

describe('what two looks find different is passing', () => {
  const snapshot = (links: string[], rules: string[]): Snapshot => ({
    links: { seen: true, from: '', value: links.map((name) => ({ name, kind: 'bridge', addresses: [] })) },
    rules: {
      ...{ truncated: false, unread: [], count: rules.length },
      tables: [{ backend: 'nft', family: 'ip', name: 'filter', chains: [{ name: 'FORWARD', rules }] }],
    },
  })
  test.each<[string, Snapshot, Snapshot, string[]]>([
    ['nothing', snapshot(['br-a'], ['-i br-a -j ACCEPT']), snapshot(['br-a'], ['-i br-a -j ACCEPT']), []],
    ['a bridge that came', snapshot([], []), snapshot(['br-a'], []), ['br-a']],
    [
      'a bridge that went before its rules',
      snapshot(['br-a'], ['-o br-a -j DROP']),
      snapshot([], ['-o br-a -j DROP']),
      ['br-a'],
    ],
    [
      'rules that are being put',
      snapshot(['br-a'], ['-i br-a -j X']),
      snapshot(['br-a'], ['-i br-a -j X', '! -i x -o br-a -j Y']),
      ['br-a', 'x'],
    ],
    [
      'others in another order',
      snapshot(['a', 'b'], ['-i a', '-i b']),
      snapshot(['b', 'a'], ['-i b', '-i a']),
      [],
    ],
  ])('%s', (_, before, after, passing) => {
    expect(passingBetween(before, after).toSorted()).toEqual(passing)
  })
})
