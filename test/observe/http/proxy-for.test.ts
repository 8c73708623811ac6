import { describe, expect, test } from 'vitest'
import { proxyAuthorization, proxyFor } from '../../../src/observe/http/proxy.ts'

const proxyOf = (env: Record<string, string>, protocol = 'https:', host = 'registry.test', port = 443) => {
  const proxy = proxyFor(env, protocol, host, port)
  if (proxy && 'problem' in proxy) return `${proxy.from} ${proxy.problem}`
  return proxy ? `${proxy.url.protocol}//${proxy.url.host} by ${proxy.from}` : 'direct'
}

describe('the proxy of a request', () => {
  const all = {
    https_proxy: 'http://a:1',
    HTTPS_PROXY: 'http://b:1',
    http_proxy: 'http://c:1',
    HTTP_PROXY: 'http://d:1',
    all_proxy: 'http://e:1',
    ALL_PROXY: 'http://f:1',
    socks_proxy: 'socks5://g:1',
    SOCKS_PROXY: 'socks5://h:1',
  }
  const rest = (drop: string[]) =>
    Object.fromEntries(Object.entries(all).filter(([name]) => !drop.includes(name)))

  test('is none without a variable', () => {
    expect(proxyOf({})).toBe('direct')
  })

  test.each([
    ['https:', [], 'http://a:1 by https_proxy'],
    ['https:', ['https_proxy'], 'http://b:1 by HTTPS_PROXY'],
    ['https:', ['https_proxy', 'HTTPS_PROXY'], 'http://e:1 by all_proxy'],
    ['http:', [], 'http://c:1 by http_proxy'],
    ['http:', ['http_proxy'], 'http://d:1 by HTTP_PROXY'],
    ['http:', ['http_proxy', 'HTTP_PROXY'], 'http://e:1 by all_proxy'],
    ['http:', ['http_proxy', 'HTTP_PROXY', 'all_proxy'], 'http://f:1 by ALL_PROXY'],
    ['https:', ['https_proxy', 'HTTPS_PROXY', 'all_proxy', 'ALL_PROXY'], 'socks5://g:1 by socks_proxy'],
  ])('for %s without %j is %s', (protocol, drop, expected) => {
    expect(proxyOf(rest(drop), protocol)).toBe(expected)
  })

  test.each([
    ['http://proxy:3128', 'http://proxy:3128'],
    ['proxy:3128', 'http://proxy:3128'],
    ['  http://proxy:3128  ', 'http://proxy:3128'],
    ['http://[2001:db8::1]:3128', 'http://[2001:db8::1]:3128'],
    ['socks5://proxy:1080', 'socks5://proxy:1080'],
    ['socks5h://proxy:1080', 'socks5h://proxy:1080'],
    ['http://user:pw@proxy:3128', 'http://proxy:3128'],
  ])('written as %j is %s', (value, expected) => {
    expect(proxyOf({ https_proxy: value })).toBe(`${expected} by https_proxy`)
  })

  test('from SOCKS_PROXY without a scheme is a SOCKS proxy', () => {
    expect(proxyOf({ SOCKS_PROXY: 'proxy:1080' })).toBe('socks5://proxy:1080 by SOCKS_PROXY')
  })

  test('is the next one if a variable is empty', () => {
    expect(proxyOf({ https_proxy: '', HTTPS_PROXY: ' ', ALL_PROXY: 'http://f:1' })).toBe(
      'http://f:1 by ALL_PROXY',
    )
  })

  test.each([
    ['http://me:p%40ss%3Aw@proxy:1', 'me:p@ss:w'],
    ['http://me:p@ss@proxy:1', 'me:p@ss'],
    ['me:pw@proxy:1', 'me:pw'],
    ['http://me:100%@proxy:1', 'me:100%'],
    ['http://me@proxy:1', 'me:'],
  ])('written as %s has its decoded login', (value, login) => {
    const proxy = proxyFor({ https_proxy: value }, 'https:', 'x.test', 443)
    if (!proxy || 'problem' in proxy) throw new Error('not a proxy URL')
    expect(proxy.url.host).toBe('proxy:1')
    const pair = Buffer.from(login).toString('base64')
    expect(proxyAuthorization(proxy)).toEqual({ 'proxy-authorization': `Basic ${pair}` })
    expect(proxyAuthorization({ ...proxy, url: new URL('http://proxy:1') })).toEqual({})
  })

  test.each([
    'http://me:canary/w@proxy:1',
    'http://me:1/canary@proxy:1',
    'http://me:canary?w@proxy:1',
    'http://me:1#canary@proxy:1',
    'http://me:can@ry/w@proxy:1',
    'me:canary/w@proxy:1',
    'http://proxy:99999',
    'http://',
    'ftp://proxy:21',
  ])('written as %s is not a proxy URL, and the value is not repeated', (value) => {
    const problem = proxyOf({ HTTPS_PROXY: value, ALL_PROXY: 'http://other:1' })
    expect(problem).toBe(
      'HTTPS_PROXY is not a proxy URL like http://USER:PASSWORD@HOST:PORT; in USER and PASSWORD write @ as %40, / as %2F, : as %3A, ? as %3F, # as %23',
    )
  })

  test('is none for a host in NO_PROXY, even if the variable is not a proxy URL', () => {
    expect(proxyOf({ HTTPS_PROXY: 'http://me:a/b@proxy:1', NO_PROXY: 'test' })).toBe('direct')
  })
})

describe('NO_PROXY', () => {
  test.each([
    ['the name itself', 'registry.test', 'registry.test', 443],
    ['the name in another case', 'Registry.TEST', 'registry.test', 443],
    ['a domain for a name below it', 'test', 'registry.test', 443],
    ['a domain with a dot for a name below it', '.test', 'registry.test', 443],
    ['a domain with a star for a name below it', '*.test', 'registry.test', 443],
    ['a domain with a dot for itself', '.registry.test', 'registry.test', 443],
    ['a star', '*', 'registry.test', 443],
    ['one of several with commas', 'a.test,registry.test,b.test', 'registry.test', 443],
    ['one of several with blanks', 'a.test registry.test', 'registry.test', 443],
    ['one of several with both, and empty ones', ' , a.test ,, registry.test , ', 'registry.test', 443],
    ['the name with its port', 'registry.test:5000', 'registry.test', 5000],
    ['an address', '10.1.2.3', '10.1.2.3', 443],
    ['an address with its port', '10.1.2.3:5000', '10.1.2.3', 5000],
    ['a network', '10.0.0.0/8', '10.1.2.3', 443],
    ['a network of one', '10.1.2.3/32', '10.1.2.3', 443],
    ['a network that is no round one', '10.1.2.0/23', '10.1.3.255', 443],
    ['an IPv6 address', '2001:db8::1', '[2001:db8::1]', 443],
    ['an IPv6 address in brackets', '[2001:db8::1]', '[2001:db8::1]', 443],
    ['an IPv6 address with its port', '[2001:db8::1]:5000', '[2001:db8::1]', 5000],
    ['an IPv6 address in another form', '2001:DB8:0:0:0:0:0:1', '[2001:db8::1]', 443],
    ['an IPv6 network', '2001:db8::/32', '[2001:db8::1]', 443],
    ['an IPv6 network in brackets', '[2001:db8::]/32', '[2001:db8::1]', 443],
    ['an IPv6 network that is no round one', '2001:db8:8000::/33', '[2001:db8:ffff::1]', 443],
    ['all IPv4 addresses', '0.0.0.0/0', '10.1.2.3', 443],
    ['the name with a dot at its end', 'registry.test.', 'registry.test', 443],
    ['a domain with a dot at both ends', '.test.', 'registry.test', 443],
    ['the name without the dot that is asked for', 'registry.test', 'registry.test.', 443],
    ['the name with a dot and its port', 'registry.test.:5000', 'registry.test', 5000],
  ])('of %s is direct', (_, list, host, port) => {
    const env = { https_proxy: 'http://proxy:1' }
    expect(proxyOf({ ...env, NO_PROXY: list }, 'https:', host, port)).toBe('direct')
    expect(proxyOf({ ...env, no_proxy: list }, 'https:', host, port)).toBe('direct')
  })

  test.each([
    ['another name', 'other.test', 'registry.test', 443],
    ['the end of a name that is no label', 'gistry.test', 'registry.test', 443],
    ['a name below this one', 'eu.registry.test', 'registry.test', 443],
    ['the name with another port', 'registry.test:5000', 'registry.test', 443],
    ['another address', '10.1.2.4', '10.1.2.3', 443],
    ['another network', '10.2.0.0/16', '10.1.2.3', 443],
    ['a network, for a name', '0.0.0.0/0', 'registry.test', 443],
    ['another IPv6 address', '2001:db8::2', '[2001:db8::1]', 443],
    ['another IPv6 network', '2001:db9::/32', '[2001:db8::1]', 443],
    ['an IPv6 network, for an IPv4 address', '::/0', '10.1.2.3', 443],
    ['an IPv4 network, for an IPv6 address', '0.0.0.0/0', '[2001:db8::1]', 443],
    ['a network that is too narrow to be one', '10.1.2.3/33', '10.1.2.3', 443],
    ['an address of half a network', '10.1/16', '10.1.2.3', 443],
    ['the end of an IPv6 address', '::1', '[2001:db8::1]', 443],
    ['a dot and a port', '.:443', 'registry.test', 443],
    ['nothing', '', 'registry.test', 443],
    ['a dot', '.', 'registry.test', 443],
  ])('of %s leaves the proxy', (_, list, host, port) => {
    expect(proxyOf({ https_proxy: 'http://proxy:1', NO_PROXY: list }, 'https:', host, port)).not.toBe(
      'direct',
    )
  })

  test('in lower case comes before the other, even when it is empty', () => {
    const env = { https_proxy: 'http://proxy:1', no_proxy: '', NO_PROXY: 'registry.test' }
    expect(proxyOf(env)).toBe('http://proxy:1 by https_proxy')
  })

  test.each([['127.0.0.1'], ['127.9.8.7'], ['localhost'], ['LOCALHOST'], ['[::1]']])(
    'need not hold %s, which is on this machine',
    (host) => {
      expect(proxyOf({ https_proxy: 'http://proxy:1', http_proxy: 'http://proxy:1' }, 'https:', host)).toBe(
        'direct',
      )
    },
  )
})
