import { expect, test } from 'vitest'
import check from '../../../src/checks/path/resolver-dead.ts'
import { faultsOf, type Quiet, registry } from '../../support/facts.ts'
import { nameOf, namesOf, withNames } from '../../support/name-facts.ts'

const first = '10.0.0.53'
const second = '9.9.9.9'
const internal = 'registry.lan'

test('a silent first server is a warning with what each lookup costs, and what still answers', () => {
  const faults = faultsOf(
    check,
    withNames([nameOf(registry, { [first]: 'silent', [second]: ['203.0.113.7'] })]),
  )
  expect(faults).toEqual([
    {
      subject: first,
      severity: 'warning',
      message: 'no answer within 2 s; it is the first of 2 DNS servers in /etc/resolv.conf',
      because: `glibc waits 5 s for it in every lookup before it asks ${second}; musl asks all servers at once and takes the first answer. Names that only ${first} knows are not found.`,
      evidence: [
        `${second} answers for ${registry}: 203.0.113.7`,
        `libc for ${registry}: 203.0.113.7 (2 ms)`,
      ],
      advice: `Start the DNS server at ${first}, or remove it from the configuration of the resolver. Check: dig @${first} ${registry}`,
      cause: 'resolvers',
      explains: [],
    },
  ])
})

test('it is an error where a name is not found, which no server that answers knows', () => {
  const faults = faultsOf(
    check,
    withNames([
      nameOf(internal, { [first]: 'silent', [second]: 'no-such-name' }),
      nameOf('example.org', { [first]: 'silent', [second]: ['203.0.113.8'] }),
    ]),
  )
  expect(faults).toMatchObject([
    {
      subject: first,
      severity: 'error',
      evidence: expect.arrayContaining([
        `${second} answers for ${internal}: no such name (NXDOMAIN)`,
        `${second} answers for example.org: 203.0.113.8`,
      ]),
    },
  ])
})

test('without a server that answers, libc gives up after its own limits', () => {
  const silent = nameOf(registry, { [first]: 'silent', [second]: 'silent' })
  expect(faultsOf(check, withNames([silent]))).toMatchObject([
    {
      subject: first,
      severity: 'error',
      because:
        'No configured DNS server answers: glibc gives up after 20 s, musl after 5 s; only the hosts file still gives addresses.',
    },
    { subject: second, severity: 'error' },
  ])
})

test('the options timeout, attempts and rotate change the cost', () => {
  const config = namesOf([nameOf(registry, { [first]: 'silent', [second]: 'silent' })]).config
  const changed = config && { ...config, timeoutMs: 1000, attempts: 1, rotate: true }
  const becauseOf = (said: 'silent' | string[]) =>
    faultsOf(
      check,
      withNames(
        [nameOf(registry, { [first]: 'silent', [second]: said })],
        changed ? { config: changed } : {},
      ),
    )[0]?.because
  expect(becauseOf('silent')).toContain('glibc gives up after 2 s, musl after 1 s')
  expect(becauseOf(['203.0.113.7'])).toContain('glibc waits 1 s for it in some lookups')
})

test('a server that refuses connections costs no time: a note', () => {
  expect(
    faultsOf(check, withNames([nameOf(registry, { [first]: 'closed', [second]: ['203.0.113.7'] })])),
  ).toMatchObject([
    {
      severity: 'note',
      message:
        'connection refused: nothing listens on port 53; it is the first of 2 DNS servers in /etc/resolv.conf',
      because: expect.stringContaining(`glibc asks ${second} instead without waiting`),
    },
  ])
})

test('a dead fallback is a note: no lookup waits for it', () => {
  expect(
    faultsOf(check, withNames([nameOf(registry, { [first]: ['10.0.0.5'], [second]: 'silent' })])),
  ).toMatchObject([
    {
      subject: second,
      severity: 'note',
      message: 'no answer within 2 s; it is the second of 2 DNS servers in /etc/resolv.conf',
      because: expect.stringContaining('no lookup waits for it'),
    },
  ])
})

test.each([
  ['upstream', '127.0.0.11', 'Docker’s own resolver asks it, and waits 4 s'],
  ['uplink', '127.0.0.53', 'systemd-resolved asks it'],
] as const)('a dead server of the layer %s is found behind %s', (layer, local, because) => {
  const name = nameOf(registry, { [local]: ['203.0.113.7'], [first]: 'silent', [second]: ['203.0.113.7'] })
  const { resolvers, config } = namesOf([name])
  const more = {
    resolvers: resolvers.map((one) => (one.address === local ? one : { ...one, layer })),
    ...(config ? { config: { ...config, servers: [local] } } : {}),
  }
  expect(faultsOf(check, withNames([name], more))).toMatchObject([
    {
      subject: first,
      severity: 'warning',
      message: `no answer within 2 s; it is the first of 2 DNS servers behind ${local} (/etc/resolv.conf)`,
      because: expect.stringContaining(because),
    },
  ])
})

test.each<Quiet>([
  [
    'a server without a route is passed over at once',
    withNames([nameOf(registry, { 'fd00::53': 'unreachable', [second]: ['203.0.113.7'] })]),
  ],
  ['servers that answer have no finding', withNames([nameOf(registry, { [first]: ['10.0.0.5'] })])],
  [
    'a server that does not know the name answers',
    withNames([nameOf(registry, { [first]: 'no-such-name' })]),
  ],
  [
    'a server that answers localhost is alive, and left to resolver-failing',
    (facts) => {
      const name = nameOf(registry, { [first]: 'silent' })
      withNames([name], {
        resolvers: [
          {
            address: first,
            layer: 'configured',
            from: '/etc/resolv.conf',
            localhost: { state: 'found', addresses: ['127.0.0.1'], ms: 1 },
          },
        ],
      })(facts)
    },
  ],
  [
    'a name in the hosts file needs no server',
    withNames([nameOf(registry, { [first]: 'silent' }, { pins: ['10.0.0.5'] })]),
  ],
  ['a run that asked for no name has no finding', () => {}],
])('%s', (_sentence, change) => {
  expect(faultsOf(check, change)).toEqual([])
})
