import { createServer } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { suiteNeeds } from '../support/need.ts'
import { labAddresses, makePathLab, type PathLab } from '../support/path-lab.ts'

suiteNeeds(['ip', 'nft', 'nsenter', 'unshare', 'curl'])('a lab of the network path', () => {
  let lab: PathLab
  const clients: string[] = []
  const server = createServer((request, response) => {
    clients.push(request.socket.remoteAddress ?? '')
    response.end('hello')
  })

  beforeAll(async () => {
    lab = await makePathLab()
    server.listen(await lab.server.listen('::', 80))
  })
  afterAll(async () => {
    server.close()
    await lab?.remove()
  })

  const curl = (url: string) =>
    lab.client
      .run('curl', ['-sgS', '--max-time', '5', url])
      .catch((error: { exitCode: number }) => error.exitCode)

  test('the client reaches a server of this process, through NAT with IPv4 and with its own address with IPv6', async () => {
    expect(await curl(`http://${labAddresses.server}/`)).toBe('hello')
    expect(await curl(`http://[${labAddresses.server6}]/`)).toBe('hello')
    expect(clients).toEqual([`::ffff:${labAddresses.natWan}`, labAddresses.client6])
  })

  test('a fault holds until it is lifted', async () => {
    const lift = await lab.server.fault('input', 'tcp dport 80 reject with tcp reset')
    expect(await curl(`http://${labAddresses.server}/`)).toBe(7)
    await lift()
    expect(await curl(`http://${labAddresses.server}/`)).toBe('hello')
  })

  test('the server takes further addresses', async () => {
    await lab.addServerAddress('203.0.113.11')
    expect(await curl('http://203.0.113.11/')).toBe('hello')
  })

  test('regguard runs on the client, with its own hosts file and no resolver', async () => {
    const run = await lab.run(['registry.test/app:1', 'elsewhere.test/app:1'], {
      hosts: { 'registry.test': labAddresses.server },
      env: { PLUGIN_INSECURE: 'true' },
    })
    expect(run.report?.causes.map(({ id }) => id).sort()).toEqual(['not-a-registry', 'resolver-missing'])
    expect(run.report?.hosts).toMatchObject([{ host: 'registry.test', addresses: [labAddresses.server] }, {}])
    expect(clients.at(-1)).toBe(`::ffff:${labAddresses.natWan}`)
  })
})
