import { describe, expect, test } from 'vitest'
import type { Area } from '../../../src/core/observed.ts'
import type { EngineFact, NetworkFact, SocketState } from '../../../src/facts/runner.ts'
import { ownContainerId } from '../../../src/observe/runner/docker/self.ts'
import { observeInterfaces } from '../../../src/observe/runner/interfaces.ts'
import { observeVantage, type VantageOptions } from '../../../src/observe/runner/vantage.ts'
import { type FakeMachine, fakeHostAccess } from '../../support/fake-host-access.ts'

type Files = NonNullable<FakeMachine['files']>

const absent: SocketState = { state: 'absent', path: '/var/run/docker.sock' }
const initial: Files = { '/proc/sys/net/core/netdev_max_backlog': '1000\n' }
const docker: Files = { '/.dockerenv': '' }

const look = (files: Files, more: Partial<VantageOptions> = {}) =>
  observeVantage({ access: fakeHostAccess({ files }), env: {}, socket: absent, ...more })

const status = (effective: string, bounding: string, seccomp: number): Files => ({
  '/proc/self/status': `Name:\tnode\nUid:\t0\t0\t0\t0\nCapEff:\t${effective}\nCapBnd:\t${bounding}\nNoNewPrivs:\t0\nSeccomp:\t${seccomp}\n`,
})
// Measured on Docker 20.10.24: a plain container's root, the same as user 1000, and a privileged one.
const plain = status('00000000a80425fb', '00000000a80425fb', 2)
const user = status('0000000000000000', '00000000a80425fb', 2)
const privileged = status('000001fffeffffff', '000001fffeffffff', 0)

describe('the container', () => {
  test.each<[string, Files, Record<string, string>, string]>([
    ['by the mark of Docker', docker, {}, 'docker'],
    ['by the mark of Podman', { '/run/.containerenv': '' }, {}, 'podman'],
    [
      'by the variables and the token of a pod',
      { '/var/run/secrets/kubernetes.io/serviceaccount/namespace': 'ci' },
      { KUBERNETES_SERVICE_HOST: '10.43.0.1' },
      'kubernetes',
    ],
    ['by the variables of a pod without a token', {}, { KUBERNETES_SERVICE_HOST: '10.43.0.1' }, 'kubernetes'],
    [
      'of Docker, whoever passed on the variables of a pod',
      docker,
      { KUBERNETES_SERVICE_HOST: '10.43.0.1' },
      'docker',
    ],
    ['without any mark', {}, {}, 'none'],
  ])('%s', async (_, files, env, container) => {
    expect(await look(files, { env })).toMatchObject({ container })
  })
})

describe('the network namespace', () => {
  const bridges: Area<NetworkFact[]> = {
    ...{ seen: true, from: 'the Docker socket' },
    value: [{ bridge: 'br-0123456789ab' } as NetworkFact],
  }
  const devices = 'Inter-|   Receive\n face |bytes\n    lo:  0 0\nbr-0123456789ab: 0 0\n  eth0: 12 1\n'

  test('is the machine’s own where a file of it exists, even one that may not be read', async () => {
    expect(await look(initial)).toMatchObject({ namespace: 'initial', hostView: 'here', nested: false })
    const closed = { '/proc/sys/net/core/netdev_max_backlog': { code: 'EACCES' } }
    expect(await look(closed)).toMatchObject({ namespace: 'initial' })
  })

  test('is the engine’s where its bridges are links, and then the machine beyond is not seen', async () => {
    const files = { ...docker, '/proc/net/dev': devices }
    const engines = { namespace: 'daemon', hostView: 'here', nested: true }
    expect(await look(files, { networks: bridges })).toMatchObject(engines)
    expect(await look(files)).toMatchObject({ namespace: 'container', hostView: 'none', nested: false })
    expect(await look({ ...docker, '/proc/net/dev': 'docker0: 0\n' })).toMatchObject(engines)
  })

  test('is not the engine’s where another one has its docker0', async () => {
    const files = { ...docker, '/proc/net/dev': 'docker0: 0 0\nbr-ffffffffffff: 0 0\n' }
    expect(await look(files, { networks: bridges })).toMatchObject({
      namespace: 'container',
      hostView: 'none',
    })
  })

  test('is the engine’s where a sibling runs', async () => {
    expect(await look(docker, { sibling: true })).toMatchObject({ namespace: 'daemon', nested: true })
    expect(await look({ ...docker, ...initial }, { sibling: true })).toMatchObject({ namespace: 'initial' })
  })
})

describe('what this process may do', () => {
  test('a plain container', async () => {
    expect(await look({ ...docker, ...plain })).toMatchObject({
      capabilities: ['NET_RAW'],
      privileged: false,
    })
  })

  test('a user other than root', async () => {
    const access = fakeHostAccess({ files: { ...docker, ...user }, uid: 1000 })
    expect(await look({}, { access })).toMatchObject({ uid: 1000, capabilities: [], privileged: false })
  })

  test('a privileged container, without the host’s network: no namespace comes with it', async () => {
    const vantage = await look({ ...docker, ...privileged })
    expect(vantage).toMatchObject({ privileged: true, namespace: 'container', hostView: 'none' })
    expect(vantage.capabilities).toEqual(expect.arrayContaining(['NET_ADMIN', 'SYSLOG', 'SYS_ADMIN']))
  })

  test('root of a machine is no privileged container', async () => {
    expect(await look({ ...initial, ...privileged })).toMatchObject({ container: 'none', privileged: false })
  })

  test('the host’s processes are told by the kernel’s own threads', async () => {
    expect(await look({ '/proc/2/comm': 'kthreadd\n' })).toMatchObject({
      hostPid: true,
      hostView: 'host pid',
    })
    expect(await look({ '/proc/2/comm': 'sleep\n' })).toMatchObject({ hostPid: false })
  })

  test('a status that says nothing, or nonsense', async () => {
    for (const files of [{}, status('zz', '', 9)])
      expect(await look(files)).toMatchObject({ capabilities: [] })
  })
})

describe('an engine without root', () => {
  const engine: Area<EngineFact> = {
    ...{ seen: true, from: '' },
    value: { flavour: 'docker', version: '', apiVersion: '', minApiVersion: '', pools: [], rootless: true },
  }

  test('says so, or Podman’s mark does', async () => {
    expect(await look(docker, { engine })).toMatchObject({ rootless: true })
    expect(await look({ '/run/.containerenv': 'engine="podman-4.3.1"\nrootless=1\n' })).toMatchObject({
      rootless: true,
    })
    expect(await look(docker)).toMatchObject({ rootless: false })
  })
})

describe('trust', () => {
  test('is what Woodpecker says; a word that is missing is no trust', async () => {
    const env = { CI: 'woodpecker', CI_REPO_TRUSTED_VOLUMES: 'true', CI_REPO_TRUSTED_NETWORK: 'false' }
    expect(await look(docker, { env })).toMatchObject({
      platform: 'woodpecker',
      trusted: { network: false, volumes: true, security: false },
    })
  })

  test('is unknown elsewhere', async () => {
    expect(await look(docker)).not.toHaveProperty('trusted')
  })
})

describe('the id of our own container', () => {
  const id = '9e6cf1cdee5d454ed35b7acc4ab57b170a3adf75181b3692f3a9e5273c797797'
  const other = 'f'.repeat(64)
  const mount = (root: string, at: string) => `101 82 254:0 ${root} ${at} rw,relatime - ext4 /dev/vda rw\n`
  const idIn = (files: Files) => ownContainerId(fakeHostAccess({ files }))

  // Recorded from containers of Docker 20.10.24 and Podman 4.3.1 on 2026-11-21.
  test.each<[string, string]>([
    ['Docker', mount(`/var/lib/docker/containers/${id}/hosts`, '/etc/hosts')],
    [
      'Podman',
      mount(`/run/containers/storage/overlay-containers/${id}/userdata/resolv.conf`, '/etc/resolv.conf'),
    ],
    [
      'another’s files mounted beside',
      mount(`/var/lib/docker/containers/${other}/hosts`, '/other/hosts') +
        mount(`/data/containers/${id}/hostname`, '/etc/hostname'),
    ],
  ])('by the files that are mounted: %s', async (_, mountinfo) => {
    expect(await idIn({ '/proc/self/mountinfo': mountinfo })).toBe(id)
  })

  test.each([
    ['cgroup v1', `9:name=systemd:/docker/${id}\n`],
    ['systemd', `0::/system.slice/docker-${id}.scope\n`],
    ['Podman', `9:name=systemd:/libpod_parent/libpod-${id}\n`],
  ])('by its control groups: %s', async (_, groups) => {
    expect(await idIn({ '/proc/self/cgroup': groups })).toBe(id)
  })

  test('on a machine there is none', async () => {
    expect(
      await idIn({ '/proc/self/mountinfo': mount('/', '/'), '/proc/self/cgroup': '0::/\n' }),
    ).toBeUndefined()
  })
})

describe('interfaces that the host made', () => {
  const directories = { '/sys/class/net': ['lo', 'eth0', 'eth1'] }
  const net = (name: string, index: number, other: number): Files => ({
    [`/sys/class/net/${name}/ifindex`]: `${index}\n`,
    [`/sys/class/net/${name}/iflink`]: `${other}\n`,
  })
  const uptime = { '/proc/uptime': '13904.24 20000.00\n' }

  test('are counted by the other end of our newest veth', async () => {
    const files = { ...net('lo', 1, 1), ...net('eth0', 5, 6), ...net('eth1', 7, 22), ...uptime }
    expect(await observeInterfaces(fakeHostAccess({ files, directories }))).toEqual({
      made: 22,
      uptimeMs: 13_904_240,
    })
  })

  test('are not known without a veth', async () => {
    const files = { ...net('lo', 1, 1), ...uptime }
    expect(await observeInterfaces(fakeHostAccess({ files, directories }))).toBeUndefined()
    expect(
      await observeInterfaces(fakeHostAccess({ files: { ...net('eth0', 5, 6) }, directories })),
    ).toBeUndefined()
  })
})
