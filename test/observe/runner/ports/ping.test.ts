import { expect, test } from 'vitest'
import { ping } from '../../../../src/observe/runner/ports/ping.ts'
import { type FakeMachine, fakeHostAccess } from '../../../support/fake-host-access.ts'

type Answer = NonNullable<FakeMachine['programs']>[string]

async function pinged(answer?: Answer) {
  const access = fakeHostAccess({ programs: answer === undefined ? {} : { ping: answer } })
  let answers = 0
  const until = { limitMs: 4000, signal: new AbortController().signal, onAnswer: () => (answers += 1) }
  return { ...(await ping(access, '172.17.0.1', until)), answers, ran: access.ran }
}

const head = 'PING 172.17.0.1 (172.17.0.1) 56(84) bytes of data.\n'

// Output of iputils 20221126 and BusyBox 1.35 on Debian 12.
test.each([
  ['iputils', `${head}64 bytes from 172.17.0.1: icmp_seq=1 ttl=64 time=0.051 ms\n`, 0.051],
  [
    'BusyBox',
    'PING 172.17.0.1 (172.17.0.1): 56 data bytes\n64 bytes from 172.17.0.1: seq=0 ttl=64 time=0.109 ms\n',
    0.109,
  ],
  ['iputils with IPv6', '64 bytes from fd00::1: icmp_seq=1 ttl=64 time=0.07 ms\n', 0.07],
])('a reply, as %s prints it', async (_, stdout, pingMs) => {
  expect(await pinged(stdout)).toMatchObject({ ping: 'answered', pingMs, answers: 1 })
})

test('repeats until one reply, at most until the limit', async () => {
  expect((await pinged('')).ran).toEqual(['ping -n -c 1 -i 1 -w 4 172.17.0.1'])
})

test('silence', async () => {
  const stdout = `${head}\n--- 172.17.0.1 ping statistics ---\n8 packets transmitted, 0 received, 100% packet loss, time 3573ms\n`
  const result = await pinged({ exitCode: 1, stdout })
  expect(result).toMatchObject({ ping: 'silent', pingMs: expect.any(Number), answers: 0 })
})

test('stopped before a reply', async () => {
  expect(await pinged({ state: 'stopped' })).toMatchObject({ ping: 'silent' })
})

test.each([
  ['From 172.17.0.3 icmp_seq=1 Destination Host Unreachable\n', '', 1, 'Destination Host Unreachable'],
  ['From 10.0.0.1 icmp_seq=1 Destination Host Prohibited\n', '', 1, 'Destination Host Prohibited'],
  ['From 10.0.0.1 icmp_seq=1 Packet filtered\n', '', 1, 'Packet filtered'],
  [
    'From fd00::2 icmp_seq=1 Destination unreachable: Address unreachable\n',
    '',
    1,
    'Destination unreachable: Address unreachable',
  ],
  ['', 'ping: connect: Network is unreachable\n', 2, 'Network is unreachable'],
])('unreachable, in the words of ping: %s%s', async (stdout, stderr, exitCode, pingSaid) => {
  expect(await pinged({ stdout, stderr, exitCode })).toMatchObject({
    ping: 'unreachable',
    pingSaid,
    answers: 0,
  })
})

test.each<[string, Answer | undefined, string]>([
  ['no program', undefined, 'ping is not installed'],
  [
    'no permission',
    { exitCode: 2, stderr: 'ping: socktype: SOCK_RAW\nping: socket: Operation not permitted\n' },
    'socktype: SOCK_RAW',
  ],
  [
    'BusyBox without a raw socket',
    { exitCode: 2, stderr: 'ping: permission denied (are you root?)\n' },
    'permission denied (are you root?)',
  ],
])('not possible: %s', async (_, answer, pingSaid) => {
  expect(await pinged(answer)).toMatchObject({ ping: 'not possible', pingSaid, answers: 0 })
})
