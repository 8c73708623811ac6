import { describe, expect, test } from 'vitest'
import {
  createSampleCounter,
  forwardBackend,
  forwardState,
  sampleForward,
} from '../../../../src/observe/runner/host/forward-samples.ts'
import { parseLinkEvents, watchLinks } from '../../../../src/observe/runner/host/link-churn.ts'
import { ruleBudget } from '../../../../src/observe/runner/host/rule-budget.ts'
import { parseWriters, watchWriters } from '../../../../src/observe/runner/host/rule-writers.ts'
import { parseSave } from '../../../../src/observe/runner/host/save-text.ts'
import { openWindow } from '../../../../src/observe/runner/host/window.ts'
import { lockedFile, parseLocks, watchLock } from '../../../../src/observe/runner/host/xtables-lock.ts'
import { fakeHostAccess } from '../../../support/fake-host-access.ts'
import { recorded } from './recorded.ts'

/** A clock that advances with each reading, so that a window closes. */
const clock = (stepMs: number) => {
  let at = 0
  return () => (at += stepMs)
}

describe('the FORWARD chain, sampled', () => {
  const save = recorded('docker-20-nft.save').replace(/^\[\d+:\d+\] /gm, '')
  const without = save.replace('-A FORWARD -j DOCKER-USER\n', '')

  test('a state: its first rule, and whether the jump to DOCKER-USER is missing', () => {
    expect(forwardState(save)).toMatchObject({ first: '-j DOCKER-USER', userJumpMissing: false })
    expect(forwardState(without)).toMatchObject({
      first: '-j DOCKER-ISOLATION-STAGE-1',
      userJumpMissing: true,
    })
    expect(forwardState(':FORWARD ACCEPT [0:0]\n')).toEqual({ rules: '', first: '', userJumpMissing: false })
    expect(forwardState('*nat\n')).toBeUndefined()
  })

  test('a summary of states', () => {
    const counter = createSampleCounter()
    for (const text of [save, without, save, save])
      counter.add(forwardState(text) ?? { rules: '', first: '', userJumpMissing: false })
    expect(counter.summary(2000)).toEqual({
      ...{ taken: 4, overMs: 2000, withoutUserJump: 1, distinct: 2 },
      firstRules: ['-j DOCKER-USER', '-j DOCKER-ISOLATION-STAGE-1'],
    })
  })

  test('in the backend with Docker’s chains', () => {
    const tables = (backend: 'nft' | 'legacy') =>
      parseSave(recorded(`docker-20-${backend}.save`), { backend, family: 'ip' }, ruleBudget()).tables
    const plain = parseSave(
      '*filter\n:FORWARD ACCEPT [0:0]\n',
      { backend: 'nft', family: 'ip' },
      ruleBudget(),
    ).tables
    expect(forwardBackend(tables('nft'))).toBe('nft')
    expect(forwardBackend([...plain, ...tables('legacy')])).toBe('legacy')
    expect(forwardBackend(plain)).toBe('nft')
  })

  test('ends with the window, or when the run is stopped', async () => {
    const tables = parseSave(save, { backend: 'nft', family: 'ip' }, ruleBudget()).tables
    const stop = new AbortController()
    stop.abort()
    const programs = { 'iptables-nft-save -t filter': save }
    const access = fakeHostAccess({ programs, now: clock(100), signal: stop.signal })
    expect(await sampleForward(access, openWindow(access, 5000), tables)).toBeUndefined()
    const running = fakeHostAccess({ programs, now: clock(10) })
    const samples = await sampleForward(running, openWindow(running, 400), tables)
    expect(samples?.taken).toBe(running.ran.length)
    expect(samples?.taken).toBeGreaterThan(1)
  })

  test('ends with a save that fails; does not start without a filter table', async () => {
    const access = fakeHostAccess({ programs: { 'iptables-nft-save': { exitCode: 4 } }, now: clock(10) })
    const { tables } = parseSave(save, { backend: 'nft', family: 'ip' }, ruleBudget())
    expect(await sampleForward(access, openWindow(access, 400), tables)).toBeUndefined()
    expect(access.ran).toHaveLength(1)
    expect(await sampleForward(access, openWindow(access, 400), [])).toBeUndefined()
    expect(access.ran).toHaveLength(1)
  })
})

describe('programs that change rules', () => {
  // Lines of nft 1.0.6 with iptables 1.8.9.
  const restored = (...tables: string[]) => [
    'delete rule ip filter DOCKER handle 4',
    'delete chain ip filter DOCKER',
    ...tables.map((table) => `delete table ${table}`),
    ...tables.map((table) => `add table ${table}`),
    'create chain ip filter DOCKER',
    'add rule ip filter FORWARD counter packets 0 bytes 0 jump DOCKER',
  ]
  const generation = (program: string, lines: string[]) =>
    [...lines, `# new generation 6 by process 14336 (${program})\n`].join('\n')

  test.each<[name: string, text: string, rewrites: number | undefined]>([
    ['iptables-restore without --noflush', generation('iptables-restor', restored('ip filter', 'ip nat')), 1],
    ['twice', generation('iptables-restor', restored('ip6 filter')).repeat(2), 2],
    [
      'with --noflush, and a chain of its own that is flushed',
      generation('iptables-restor', ['delete rule ip filter UFW handle 8', 'add rule ip filter UFW accept']),
      undefined,
    ],
    ['a table of its own', generation('firewalld', restored('inet firewalld')), undefined],
    [
      'a table that another program wrote again',
      generation('nft', ['delete table ip filter']) + generation('iptables-restor', ['add table ip filter']),
      undefined,
    ],
  ])('tables that are written as a whole: %s', (_name, text, rewrites) => {
    expect(parseWriters(text).at(-1)?.rewrites).toBe(rewrites)
  })

  test('Docker: 20 changes for one network created and removed', () => {
    expect(parseWriters(recorded('nft-monitor'))).toEqual([{ program: 'iptables', changes: 20 }])
  })
  test('several, the most active first; names may contain anything', () => {
    const line = (name: string) => `# new generation 1 by process 2 (${name})\n`
    expect(
      parseWriters([line('k3s'), line('a) b (c'), line('k3s'), '# new generation 3\n'].join('')),
    ).toEqual([
      { program: 'k3s', changes: 2 },
      { program: 'a) b (c', changes: 1 },
    ])
  })
  test('at most 100 programs', () => {
    const text = Array.from({ length: 500 }, (_, at) => `# new generation 1 by process 2 (p${at})`).join('\n')
    expect(parseWriters(text)).toHaveLength(100)
  })
  test('are not watched where nft cannot be queried, is not installed, or would need too much memory', async () => {
    const access = fakeHostAccess({})
    const watch = (rules: number, nft: boolean) => watchWriters(access, openWindow(access, 0), { rules, nft })
    expect(await watch(1, false)).toEqual({ writers: [], unwatched: 'nft could not be queried' })
    expect(await watch(100_000, true)).toMatchObject({
      unwatched: 'changes are watched up to 20000 rules, and there are 100000',
    })
    expect(access.ran).toEqual([])
    expect(await watch(1, true)).toMatchObject({ unwatched: 'nft is not installed' })
  })
})

describe('bridges created and removed', () => {
  const events = recorded('ip-monitor')
  const name = /br-[0-9a-f]{12}/.exec(events)?.[0] ?? ''

  test('one network', () => {
    expect(parseLinkEvents(events, [])).toEqual([
      { at: Date.parse('2026-11-21T03:32:52.046Z'), what: 'create', name, owner: 'other', bridge: name },
      { at: Date.parse('2026-11-21T03:32:52.438Z'), what: 'destroy', name, owner: 'other', bridge: name },
    ])
  })
  test('a change of an existing bridge is not its creation', () => {
    expect(parseLinkEvents(events, [name]).map(({ what }) => what)).toEqual(['destroy'])
  })
  test('veths, devices and lines that are not events are left out', () => {
    const text =
      '[2026-11-21T03:32:52.1] 8: veth1@if7: <UP> mtu\n[2026-11-21T03:32:52.1] 9: eth0: <UP>\n[x] 9: docker0: <UP>\n'
    expect(parseLinkEvents(text, [])).toEqual([])
  })
  test('are unknown where ip is not installed', async () => {
    const access = fakeHostAccess({})
    expect(await watchLinks(access, openWindow(access, 0), [])).toBeUndefined()
  })
})

describe('the lock of iptables-legacy', () => {
  const locks = (pid: number, file = '00:1a:77') =>
    `1: FLOCK  ADVISORY  WRITE 12 fe:00:10233905 0 EOF\n2: FLOCK  ADVISORY  WRITE ${pid} ${file} 0 EOF\n2: -> FLOCK  ADVISORY  WRITE 99 ${file} 0 EOF\n3: OFDLCK ADVISORY  READ -1 00:09:1289216 0 EOF\n`

  test('holders, not waiting processes', () => {
    expect(parseLocks(locks(4711))).toEqual([
      { pid: 12, file: 'fe:00:10233905' },
      { pid: 4711, file: '00:1a:77' },
    ])
  })
  test.each([
    ['26 77\n', '00:1a:77'],
    ['65024 10233905', 'fe:00:10233905'],
    ['1048577 5', '00:101:5'],
  ])('the file by stat’s device and inode, %j', (stat, file) => expect(lockedFile(stat)).toBe(file))
  test('no file', () => expect(lockedFile('stat: cannot statx')).toBeUndefined())

  test('the program that held it, and for how long without interruption', async () => {
    const turns = [locks(4711), locks(4711), locks(4711), '', locks(4712)]
    let at = 0
    const files = {
      '/proc/locks': () => turns[Math.min(at++, turns.length)] ?? '',
      '/proc/4711/comm': 'ufw\n',
      '/proc/4712/comm': 'iptables\n',
    }
    const access = fakeHostAccess({ files, programs: { stat: '26 77\n' }, now: clock(100) })
    expect(await watchLock(access, openWindow(access, 1500))).toEqual({ heldBy: 'ufw', waitedMs: 400 })
  })
  test('without the host’s /run, identified by programs that lock nothing else', async () => {
    const files = {
      '/proc/locks': locks(4711),
      '/proc/4711/comm': 'iptables-restor\n',
      '/proc/12/comm': 'dockerd\n',
    }
    const access = fakeHostAccess({ files, now: clock(100) })
    expect(await watchLock(access, openWindow(access, 100))).toMatchObject({ heldBy: 'iptables-restor' })
  })
  test('not held', async () => {
    const access = fakeHostAccess({
      files: { '/proc/locks': locks(4711), '/proc/4711/comm': 'dockerd\n' },
      now: clock(100),
    })
    expect(await watchLock(access, openWindow(access, 100))).toBeUndefined()
  })
})
