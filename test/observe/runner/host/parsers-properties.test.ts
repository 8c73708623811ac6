import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { portChanges } from '../../../../src/observe/runner/host/bridge-ports.ts'
import { hasCapability } from '../../../../src/observe/runner/host/capabilities.ts'
import {
  hexColumns,
  netstatCounter,
  pressureAverage,
  softnetTotals,
  vmstatCounter,
} from '../../../../src/observe/runner/host/counters.ts'
import { forwardState } from '../../../../src/observe/runner/host/forward-samples.ts'
import { addressFromWords } from '../../../../src/observe/runner/host/hex-address.ts'
import { problemLines } from '../../../../src/observe/runner/host/kernel-problems.ts'
import { parseKernelLog } from '../../../../src/observe/runner/host/kernel-records.ts'
import { parseLearnedMtus } from '../../../../src/observe/runner/host/learned-mtus.ts'
import { parseLinkEvents } from '../../../../src/observe/runner/host/link-churn.ts'
import { parseLinkNames, parseLinks } from '../../../../src/observe/runner/host/links.ts'
import { parseNftTable, parseTableNames } from '../../../../src/observe/runner/host/nft-text.ts'
import { programIn } from '../../../../src/observe/runner/host/programs.ts'
import { parseResolvConf } from '../../../../src/observe/runner/host/resolv-conf.ts'
import {
  parseLocalAddresses,
  parseLocalAddresses6,
  parseRoutes,
  parseRoutes6,
} from '../../../../src/observe/runner/host/route-tables.ts'
import { ruleBudget } from '../../../../src/observe/runner/host/rule-budget.ts'
import { interfacesIn } from '../../../../src/observe/runner/host/rule-interfaces.ts'
import { parseWriters } from '../../../../src/observe/runner/host/rule-writers.ts'
import { parseSave } from '../../../../src/observe/runner/host/save-text.ts'
import { parseQueues } from '../../../../src/observe/runner/host/socket-queues.ts'
import { parseSockets, peersOf } from '../../../../src/observe/runner/host/sockets.ts'
import { lockedFile, parseLocks } from '../../../../src/observe/runner/host/xtables-lock.ts'
import { recorded } from './recorded.ts'

const nft = { backend: 'nft', family: 'ip' } as const

const parsers: Record<string, (text: string) => unknown> = {
  parseSave: (text) => parseSave(text, nft, ruleBudget()),
  parseNftTable: (text) => parseNftTable(text, ruleBudget()),
  parseTableNames,
  interfacesIn: (text) => [...interfacesIn(parseSave(text, nft, ruleBudget()).tables)],
  forwardState,
  parseLinks,
  parseLinkNames,
  parseLinkEvents: (text) => parseLinkEvents(text, []),
  parseKernelLog: (text) => parseKernelLog(text, 0, () => true),
  portChanges: (text) => portChanges(text.split('\n').map((line, at) => ({ at, text: line }))),
  problemLines: (text) => problemLines(text.split('\n').map((line, at) => ({ at, text: line }))),
  parseWriters,
  parseLocks,
  lockedFile,
  parseSockets: (text) => [parseSockets(text), peersOf(parseSockets(text))],
  parseQueues: (text) => [...parseQueues(text)],
  parseRoutes,
  parseRoutes6,
  parseLocalAddresses,
  parseLocalAddresses6,
  parseLearnedMtus,
  parseResolvConf,
  programIn,
  hasCapability: (text) => hasCapability(text, 'NET_ADMIN'),
  netstatCounter: (text) => netstatCounter(text, 'TcpExt', 'ListenOverflows'),
  vmstatCounter: (text) => vmstatCounter(text, 'oom_kill'),
  softnetTotals,
  pressureAverage,
  hexColumns: (text) => hexColumns(text, ['entries']),
}

const names = [
  'docker-20-nft.save',
  'docker-28.save',
  'docker-29.nft',
  'iptables-1.8.7-nft.save',
  'ip-addr.json',
]
const files = [
  'route',
  'dev',
  'fib_trie',
  'tcp',
  'tcp6',
  'ss',
  'netstat',
  'nf_conntrack',
  'nft-monitor',
  'ip-monitor',
]
const logs = ['kernel-3.10.dmesg', 'kernel-4.15.dmesg', 'kernel-5.15.journal', 'kernel-6.18.kmsg']
const texts = [...names, ...files, ...logs].map(recorded)

/** A recorded text with a piece removed, duplicated, or replaced by arbitrary characters. */
const corrupted = fc
  .record({
    text: fc.constantFrom(...texts),
    from: fc.double({ min: 0, max: 1, noNaN: true }),
    length: fc.nat(400),
    put: fc.oneof(
      fc.constantFrom(
        '',
        '\n',
        '\t',
        '\u0000',
        '\u001b[31m',
        '"',
        '{',
        '}',
        ' -A ',
        '\ud800',
        '_'.repeat(300),
      ),
      fc.string({ unit: 'binary' }),
    ),
    times: fc.nat(3),
  })
  .map(({ text, from, length, put, times }) => {
    const at = Math.floor(from * text.length)
    return text.slice(0, at) + (put + text.slice(at, at + length)).repeat(times) + text.slice(at + length)
  })

const piece = fc.constantFrom(
  ...[
    '*filter\n',
    ':FORWARD ACCEPT [0:0]\n',
    '-A FORWARD ',
    '-i br-0',
    '"',
    '\n',
    '\t',
    '\t\t',
    'table ip x {\n',
    '\tchain a {\n',
  ],
  ...[
    '\tmap m {\n',
    'elements = { ',
    ' : ',
    ',',
    '}',
    '6,1,1,-;',
    'br0: port 1(v) entered blocking state\n',
    '[  1.0] ',
    '[{',
    '}]',
  ],
  ...[
    'LISTEN 0 0 ',
    ':0',
    '0A ',
    '00000000:0000 ',
    'nameserver ',
    '# ExtServers: [',
    ']',
    'host(',
    ')',
    '# new generation 1 by process 1 (',
  ],
)
const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.array(piece, { maxLength: 120 }).map((all) => all.join('')),
  corrupted,
)

describe('any input', () => {
  test.each(Object.entries(parsers))(
    '%s never throws, and its result is not much larger than the input',
    (_, parse) => {
      fc.assert(
        fc.property(hostile, (text) => {
          const parsed = JSON.stringify(parse(text)) ?? ''
          // A character may need six in JSON, and each record repeats its keys.
          expect(parsed.length).toBeLessThan(400 + 60 * text.length)
        }),
        { numRuns: 400 },
      )
    },
  )
})

describe('long lines', () => {
  const long = [
    ' '.repeat(200_000),
    'a'.repeat(200_000),
    '"'.repeat(200_000),
    '\t'.repeat(200_000),
    '0 '.repeat(100_000),
    '-A a '.repeat(40_000),
  ]
  const starts = [
    '',
    ':FORWARD ',
    '-A FORWARD ',
    '\t\telements = { ',
    '6,1,1,-;',
    'LISTEN 0 0 ',
    'nameserver',
    '# ExtServers: [',
    '# new generation 1 by process 1 (',
  ]
  // A pattern with exponential backtracking would not finish.
  test.each(Object.entries(parsers))('%s finishes', (_, parse) => {
    for (const start of starts) for (const rest of long) expect(() => parse(start + rest)).not.toThrow()
  })
})

test('every IPv6 address is read from the kernel’s format', () => {
  fc.assert(
    fc.property(fc.ipV6(), (address) => {
      const canonical = new URL(`http://[${address.replace(/%.*/, '')}]`).hostname.slice(1, -1)
      fc.pre(!canonical.startsWith('::ffff:'))
      expect(addressFromWords(toWords(canonical))).toBe(canonical)
    }),
  )
})

/** The format of /proc/net/tcp6: four words, each with its bytes reversed. */
function toWords(address: string): string {
  const [head = '', tail] = address.split('::')
  const groups = (part = '') => part.split(':').filter(Boolean)
  const [first, last] = [groups(head), groups(tail)]
  const all =
    tail === undefined ? first : [...first, ...Array(8 - first.length - last.length).fill('0'), ...last]
  const hex = all.map((group) => group.padStart(4, '0')).join('')
  return (hex.match(/.{8}/g) ?? []).map((word) => (word.match(/../g) ?? []).reverse().join('')).join('')
}
