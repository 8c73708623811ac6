import { afterEach, describe, expect, test } from 'vitest'
import { createAddressGuard, redirectRefusal } from '../../../src/observe/http/internal-address.ts'
import { createRequestLog } from '../../../src/observe/http/request-log.ts'
import { answerLookups } from '../../support/real-names.ts'

describe('a redirect to another host', () => {
  /** Why a registry at an address is not followed to a place. */
  const why = async (
    from: string[],
    to: string,
    privateRedirects = false,
    source = 'https://registry.test/',
  ) => {
    const requestLog = createRequestLog(Date.now)
    requestLog.connected(new URL(source).host, {
      addresses: from,
      source: 'DNS',
      protocol: 'https',
      http2: true,
      phases: {},
    })
    const [at, target] = [new URL(source), new URL(to)]
    const found = await createAddressGuard(requestLog, { privateRedirects }).internalAddress(at, target)
    return found && redirectRefusal(at, target, found).detail
  }

  test.each([
    ['https://10.0.0.5/x', 'a redirect to 10.0.0.5, a private address; private_redirects: true allows this'],
    [
      'https://192.168.1.1:9000/x',
      'a redirect to 192.168.1.1:9000, a private address; private_redirects: true allows this',
    ],
    [
      'https://[fd00:ec2::254]/',
      'a redirect to [fd00:ec2::254], a private address; private_redirects: true allows this',
    ],
    ['https://169.254.169.254/latest', 'a redirect to 169.254.169.254, a link-local address'],
    ['https://[::ffff:169.254.169.254]/', 'a redirect to [::ffff:a9fe:a9fe], a link-local address'],
    ['https://0.0.0.0:80/', 'a redirect to 0.0.0.0:80, an unspecified address'],
    ['https://2130706433/', 'a redirect to 127.0.0.1, a loopback address'],
    ['https://0xa9.0xfe.0xa9.0xfe/', 'a redirect to 169.254.169.254, a link-local address'],
  ])('from a public registry to %s is refused, with its address', async (to, detail) => {
    expect(await why(['203.0.113.7'], to)).toBe(detail)
  })

  test('to a name is judged by the address that the name has', async () => {
    expect(await why(['203.0.113.7'], 'https://localhost:9000/x')).toMatch(
      /^a redirect to localhost:9000 at (127\.0\.0\.1|::1), a loopback address$/,
    )
  })

  test('to a private address is followed where the setting allows it, and to no nearer one', async () => {
    expect(await why(['203.0.113.7'], 'https://10.0.0.5/x', true)).toBeUndefined()
    expect(await why(['203.0.113.7'], 'https://127.0.0.1/x', true)).toContain('loopback')
    expect(await why(['203.0.113.7'], 'https://169.254.169.254/x', true)).toContain('link-local')
  })

  test.each([
    ['public', '203.0.113.7', 'https://198.51.100.9/x'],
    ['private', '10.0.0.1', 'https://10.0.0.5/x'],
    ['private', '10.0.0.1', 'https://198.51.100.9/x'],
    ['loopback', '127.0.0.1', 'https://10.0.0.5/x'],
  ])('from a %s registry at %s to %s is followed', async (_, from, to) => {
    expect(await why([from], to)).toBeUndefined()
  })

  test('is judged by the farthest address that the registry was reached at', async () => {
    expect(await why(['10.0.0.1', '203.0.113.7'], 'https://10.0.0.5/x')).toContain('private')
  })

  test('is not judged where it stays on the host', async () => {
    expect(await why(['203.0.113.7'], 'https://registry.test/y')).toBeUndefined()
    expect(await why([], 'https://registry.test/y')).toBeUndefined()
  })

  test.each([
    'https://127.0.0.1/x',
    'https://localhost:8443/x',
    'https://localhost./x',
    'https://a.localhost/x',
    'https://[::1]/x',
    'https://[::ffff:127.0.0.1]/x',
    'https://169.254.169.254/x',
    'https://[fe80::1]/x',
    'https://①②⑦.0.0.1/x',
  ])('from a registry with a name to %s, written out, is refused wherever the registry is', async (to) => {
    for (const from of [['203.0.113.7'], ['10.0.0.1'], ['127.0.0.1'], ['169.254.0.1'], []])
      expect([from, await why(from, to)]).toEqual([from, expect.stringContaining('a redirect to')])
  })

  test('from this machine by address goes to this machine, and to no link-local address', async () => {
    const source = 'http://127.0.0.1:5000/'
    expect(await why(['127.0.0.1'], 'http://localhost:9000/x', false, source)).toBeUndefined()
    expect(await why(['127.0.0.1'], 'http://0.0.0.0:9000/x', false, source)).toBeUndefined()
    expect(await why(['127.0.0.1'], 'http://169.254.169.254/', true, source)).toContain('link-local')
  })

  test('by an address that only carries one of this machine counts as from the address that it is', async () => {
    expect(await why(['2002:7f00:1::1'], 'https://10.0.0.5/x')).toContain('private')
    expect(await why(['64:ff9b::7f00:1'], 'https://[64:ff9b::7f00:1]/x')).toContain('loopback')
  })

  test('to a name that nobody knows is left to the dialler', async () => {
    expect(await why(['203.0.113.7'], 'https://no-such-host.invalid/x')).toBeUndefined()
  })
})

let forget = () => {}
let asked: string[] = []
/** Answers lookups of names, and of no others; each is noted. */
function resolveTo(names: Record<string, string[]>): void {
  asked = []
  forget = answerLookups((name) => {
    asked.push(name)
    return names[name] ?? []
  })
}
afterEach(() => forget())

describe('behind a proxy, where no address of the registry is known', () => {
  const proxies = [
    { HTTP_PROXY: 'http://proxy.test:3128', HTTPS_PROXY: 'http://proxy.test:3128' },
    { HTTP_PROXY: 'https://proxy.test:3128', HTTPS_PROXY: 'https://proxy.test:3128' },
    { ALL_PROXY: 'socks5://proxy.test:1080' },
  ]
  const found = async (env: Record<string, string>, from: string, to: string, privateRedirects = false) => {
    const guard = createAddressGuard(createRequestLog(Date.now), { env, privateRedirects })
    const [source, target] = [new URL(from), new URL(to)]
    const internal = await guard.internalAddress(source, target)
    return internal && redirectRefusal(source, target, internal).detail
  }

  test.each(proxies)('such as %j, a registry with a name counts as public', async (env) => {
    resolveTo({})
    expect(await found(env, 'https://registry.test/', 'https://10.0.0.5/x')).toBe(
      'a redirect to 10.0.0.5, a private address; registry.test is behind a proxy and counts as public; private_redirects: true allows this',
    )
    expect(await found(env, 'https://registry.test/', 'https://10.0.0.5/x', true)).toBeUndefined()
    expect(await found(env, 'https://registry.test/', 'https://169.254.169.254/', true)).toContain(
      'link-local',
    )
    expect(asked).toEqual([])
  })

  test.each(proxies)('such as %j, a registry that is named by its address is where that is', async (env) => {
    expect(await found(env, 'https://10.0.0.1/', 'https://10.0.0.5/x')).toBeUndefined()
    expect(await found(env, 'https://10.0.0.1/', 'https://127.0.0.1/x')).toBe(
      'a redirect to 127.0.0.1, a loopback address',
    )
    expect(await found(env, 'https://8.8.8.8/', 'https://10.0.0.5/x')).toContain('private')
    expect(await found(env, 'https://[::ffff:10.0.0.1]/', 'https://10.0.0.5/x')).toBeUndefined()
    expect(await found(env, 'https://[64:ff9b::a00:1]/', 'https://10.0.0.5/x')).toContain('private')
  })

  test.each(proxies)('such as %j, the names of other hosts are for the proxy to resolve', async (env) => {
    resolveTo({ 'storage.test': ['127.0.0.1'] })
    expect(await found(env, 'https://registry.test/', 'https://storage.test/x')).toBeUndefined()
    expect(await found(env, 'https://10.0.0.1/', 'https://storage.test/x')).toBeUndefined()
    expect(asked).toEqual([])
  })

  test.each(proxies)('such as %j, a name that is reached without it is resolved', async (env) => {
    resolveTo({ 'metadata.internal': ['169.254.169.254'], 'storage.internal': ['8.8.8.8'] })
    const exempt = { ...env, NO_PROXY: '.internal' }
    expect(await found(exempt, 'https://registry.test/', 'https://metadata.internal/')).toContain(
      'at 169.254.169.254, a link-local address',
    )
    expect(await found(exempt, 'https://registry.test/', 'https://storage.internal/')).toBeUndefined()
  })
})

test('a name behind a proxy is resolved for a registry that is reached directly', async () => {
  resolveTo({ 'storage.test': ['127.0.0.1'] })
  const requestLog = createRequestLog(Date.now)
  requestLog.connected('registry.test', {
    ...{ addresses: ['8.8.8.8'], source: 'DNS', protocol: 'https', http2: false, phases: {} },
  })
  const env = { HTTPS_PROXY: 'http://proxy.test:3128', NO_PROXY: 'registry.test' }
  const guard = createAddressGuard(requestLog, { env })
  const found = await guard.internalAddress(
    new URL('https://registry.test/'),
    new URL('https://storage.test/'),
  )
  expect(found).toMatchObject({ address: '127.0.0.1', class: 'loopback' })
})

describe('a name that means another address after it was judged', () => {
  const guarded = async (from: string[], privateRedirects = false) => {
    resolveTo({ 'storage.test': ['8.8.8.8'] })
    const requestLog = createRequestLog(Date.now)
    requestLog.connected('registry.test', {
      ...{ addresses: from, source: 'DNS', protocol: 'https', http2: false, phases: {} },
    })
    const guard = createAddressGuard(requestLog, { privateRedirects })
    const found = await guard.internalAddress(
      new URL('https://registry.test/'),
      new URL('https://storage.test/'),
    )
    expect(found).toBeUndefined()
    return guard
  }

  test('is not dialled at an internal one', async () => {
    const guard = await guarded(['8.8.4.4'])
    expect(guard.refusal('storage.test', ['1.1.1.1'])).toBeUndefined()
    expect(guard.refusal('storage.test', ['1.1.1.1', '10.0.0.5'])).toMatchObject({
      kind: 'redirect-refused',
      host: 'storage.test',
      detail: 'its address changed after it was checked, to 10.0.0.5, a private address',
    })
  })

  test('is judged by the registry that led there, and by the setting', async () => {
    expect((await guarded(['10.0.0.1'])).refusal('storage.test', ['10.0.0.5'])).toBeUndefined()
    expect((await guarded(['8.8.4.4'], true)).refusal('storage.test', ['10.0.0.5'])).toBeUndefined()
    expect((await guarded(['8.8.4.4'], true)).refusal('storage.test', ['127.0.0.1'])).toBeDefined()
  })

  test('is dialled wherever it is, when no host led there', async () => {
    expect((await guarded(['8.8.4.4'])).refusal('registry.test', ['127.0.0.1'])).toBeUndefined()
  })

  test('is dialled as a registry of its own, after another registry was refused to lead there', async () => {
    const guard = await guarded(['8.8.4.4'])
    resolveTo({ 'own.test': ['10.0.0.5'] })
    const [from, to] = [new URL('https://registry.test/'), new URL('https://own.test/')]
    expect(await guard.internalAddress(from, to)).toMatchObject({ class: 'private' })
    expect(guard.refusal('own.test', ['10.0.0.5'])).toBeUndefined()
  })

  test('is judged when it is dialled, if nobody knew it before', async () => {
    const guard = await guarded(['8.8.4.4'])
    resolveTo({ 'new.test': [] })
    const [from, to] = [new URL('https://registry.test/'), new URL('https://new.test/')]
    expect(await guard.internalAddress(from, to)).toBeUndefined()
    expect(guard.refusal('new.test', ['127.0.0.1'])).toMatchObject({ kind: 'redirect-refused' })
  })
})
