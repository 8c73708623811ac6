import { expect, test } from 'vitest'
import { listContainers } from '../../../src/observe/runner/docker/containers.ts'
import { type FakeResponse, useSockets } from '../../support/fake-engine.ts'

const sockets = useSockets()

async function listed(value: unknown) {
  const respond = async ({ path }: { path: string }): Promise<FakeResponse> =>
    path === '/containers/json' ? { value } : undefined
  const { api } = await sockets.api({ respond })
  return listContainers(api)
}

/** As Docker lists a container (API 1.41), cut to the fields that are read. */
const container = {
  ...{ Names: ['/web'], State: 'running', HostConfig: { NetworkMode: 'default' } },
  Ports: [
    { IP: '0.0.0.0', PrivatePort: 80, PublicPort: 8080, Type: 'tcp' },
    { IP: '::', PrivatePort: 80, PublicPort: 8080, Type: 'tcp' },
    { PrivatePort: 443, Type: 'tcp' },
  ],
  NetworkSettings: {
    Networks: {
      bridge: { NetworkID: 'b1', IPAddress: '172.17.0.2', GlobalIPv6Address: '' },
      own: { NetworkID: 'o1', IPAddress: '172.18.0.2', GlobalIPv6Address: 'fd00::2' },
    },
  },
}
const web = { container: 'web', protocol: 'tcp', port: 8080, containerPort: 80 }
const addresses = ['172.17.0.2', '172.18.0.2', 'fd00::2']

test('published ports of running containers, with the addresses in all networks', async () => {
  expect((await listed([container]))?.published).toEqual([
    { ...web, address: '0.0.0.0', addresses },
    { ...web, address: '::', addresses },
  ])
})

test('a container that ended publishes none, and counts for its networks', async () => {
  const list = await listed([container, { ...container, State: 'exited' }])
  expect(list?.published).toHaveLength(2)
  expect(list?.byNetwork.get('own')).toBe(2)
})

test('Podman leaves out the address of a port that is published at all of them', async () => {
  const Ports = [{ PrivatePort: 80, PublicPort: 8080, Type: 'tcp' }]
  expect((await listed([{ ...container, Ports }]))?.published).toMatchObject([{ address: '0.0.0.0' }])
})

test.each([
  ['no list', { message: 'no' }, undefined],
  ['entries of another form', [null, 'x', { Ports: 'none', State: 'running' }, { Names: 3 }], []],
])('%s', async (_name, value, published) => {
  expect((await listed(value))?.published).toEqual(published)
})
