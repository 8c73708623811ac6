import { describe, expect, test } from 'vitest'
import { httpProxy, type ProxyRequest } from '../observe/http/proxies.ts'
import { useRegistries, useServers } from '../observe/kit.ts'
import { pushSmall } from '../observe/registry/people.ts'
import { outcomeOf, tameRuns } from './tame.ts'

const start = useRegistries()
const serve = useServers()

describe('a redirect to what only this machine can reach', () => {
  // A registry on loopback may lead anywhere near, so this one has a name, which the proxy alone knows.
  test.each([
    ["a cloud's own services", 'http://169.254.169.254/latest/meta-data/'],
    ['the same, written as a number', 'http://2852039166/latest/meta-data/'],
    ['the same, written in hex', 'http://0xa9.0xfe.0xa9.0xfe/latest/'],
    ['this machine', 'http://127.0.0.1:1/x'],
    ['this machine by its name', 'http://localhost:1/x'],
    ['this machine by IPv6', 'http://[::1]:1/x'],
    ['this machine by its name with the dot of the root', 'http://localhost.:1/x'],
    ['this link by IPv6', 'http://[fe80::1]/x'],
    ["a cloud's own services, in an IPv6 address", 'http://[::ffff:169.254.169.254]/latest/meta-data/'],
    ['the same, behind a translator', 'http://[64:ff9b::169.254.169.254]/latest/meta-data/'],
    ['this machine by the address of none', 'http://0.0.0.0:1/x'],
    ['a network of its own', 'http://10.0.0.5/x'],
    ['a file', 'file:///etc/passwd'],
    ['a script', 'data:application/json,{}'],
  ])('such as %s is refused, and nothing is asked there', async (_, location) => {
    const registry = await start()
    const { image } = pushSmall(registry)
    registry.faults.add({ digest: image.config.digest }, { redirect: location })
    const asked: ProxyRequest[] = []
    const { host } = await serve(httpProxy({ port: Number(registry.host.split(':')[1]) }, asked))
    const env = { HTTP_PROXY: `http://${host}`, PLUGIN_INSECURE: 'true' }
    const runs = await tameRuns(['registry.test/app:1'], env)
    expect(outcomeOf(runs)).toEqual([3, ['redirect-refused']])
    expect(asked.every(({ line }) => line.includes(' http://registry.test/'))).toBe(true)
    for (const { report } of runs) expect(report.hosts.map(({ host }) => host)).toEqual(['registry.test'])
  })
})

describe('redirects without end', () => {
  test('on one host are a loop', async () => {
    const registry = await start()
    const { reference } = pushSmall(registry)
    registry.faults.add({ path: /\/manifests\// }, { redirect: ({ path }) => path })
    expect(outcomeOf(await tameRuns([reference]))).toEqual([3, ['redirect-loop']])
    expect(registry.requests.length).toBeLessThan(3 * 40)
  })

  test('between two hosts are a loop', async () => {
    const [one, two] = [await start(), await start()]
    const { reference } = pushSmall(one)
    one.faults.add({ path: /\/blobs\// }, { redirect: ({ path }) => `${two.url}${path}` })
    two.faults.add({}, { redirect: ({ path }) => `${one.url}${path}` })
    expect(outcomeOf(await tameRuns([reference]))).toEqual([3, ['redirect-loop']])
  })

  test('of a token server are a loop, or none that answers', async () => {
    const registry = await start({ auth: { kind: 'bearer', users: { ann: 'secret-pw' } } })
    const { reference } = pushSmall(registry)
    registry.faults.add({ path: '/token' }, { redirect: ({ path }) => path })
    const runs = await tameRuns([reference], { PLUGIN_USERNAME: 'ann', PLUGIN_PASSWORD: 'secret-pw' })
    expect(outcomeOf(runs)).toEqual([3, ['token-server-unreachable']])
  })
})
