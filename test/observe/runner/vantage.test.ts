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

const vantageFor = (files: Files, more: Partial<VantageOptions> = {}) =>
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
    ['by the marker file of Docker', docker, {}, 'docker'],
    ['by the marker file of Podman', { '/run/.containerenv': '' }, {}, 'podman'],
    [
      'by the variables and the token of a pod',
      { '/var/run/secrets/kubernetes.io/serviceaccount/namespace': 'ci' },
      { KUBERNETES_SERVICE_HOST: '10.43.0.1' },
      'kubernetes',
    ],
    ['by the variables of a pod without a token', {}, { KUBERNETES_SERVICE_HOST: '10.43.0.1' }, 'kubernetes'],
    [
      'of Docker, even with the variables of a pod',
      docker,
      { KUBERNETES_SERVICE_HOST: '10.43.0.1' },
      'docker',
    ],
    ['without a marker file', {}, {}, 'none'],
  ])('%s', async (_, files, env, container) => {
    expect(await vantageFor(files, { env })).toMatchObject({ container })
  })
})

describe('the network namespace', () => {
  const bridges: Area<NetworkFact[]> = {
    ...{ seen: true, from: 'the Docker socket' },
    value: [{ bridge: 'br-0123456789ab' } as NetworkFact],
  }
  const devices = 'Inter-|   Receive\n face |bytes\n    lo:  0 0\nbr-0123456789ab: 0 0\n  eth0: 12 1\n'

  test('is the initial one where its own file exists, even if it cannot be read', async () => {
    expect(await vantageFor(initial)).toMatchObject({ namespace: 'initial', hostView: 'here', nested: false })
    const closed = { '/proc/sys/net/core/netdev_max_backlog': { code: 'EACCES' } }
    expect(await vantageFor(closed)).toMatchObject({ namespace: 'initial' })
  })

  test('is the engine’s where its bridges are links; the machine beyond it is then not seen', async () => {
    const files = { ...docker, '/proc/net/dev': devices }
    const engines = { namespace: 'daemon', hostView: 'here', nested: true }
    expect(await vantageFor(files, { networks: bridges })).toMatchObject(engines)
    expect(await vantageFor(files)).toMatchObject({ namespace: 'container', hostView: 'none', nested: false })
    expect(await vantageFor({ ...docker, '/proc/net/dev': 'docker0: 0\n' })).toMatchObject(engines)
  })

  test('is not the engine’s where only docker0, of another engine, is a link', async () => {
    const files = { ...docker, '/proc/net/dev': 'docker0: 0 0\nbr-ffffffffffff: 0 0\n' }
    expect(await vantageFor(files, { networks: bridges })).toMatchObject({
      namespace: 'container',
      hostView: 'none',
    })
  })

  test('is the engine’s for a sibling', async () => {
    expect(await vantageFor(docker, { sibling: true })).toMatchObject({ namespace: 'daemon', nested: true })
    expect(await vantageFor({ ...docker, ...initial }, { sibling: true })).toMatchObject({
      namespace: 'initial',
    })
  })
})

describe('the privileges of this process', () => {
  test('a plain container', async () => {
    expect(await vantageFor({ ...docker, ...plain })).toMatchObject({
      capabilities: ['NET_RAW'],
      privileged: false,
    })
  })

  test('a user other than root', async () => {
    const access = fakeHostAccess({ files: { ...docker, ...user }, uid: 1000 })
    expect(await vantageFor({}, { access })).toMatchObject({ uid: 1000, capabilities: [], privileged: false })
  })

  test('a privileged container, which is still not in the host’s network namespace', async () => {
    const vantage = await vantageFor({ ...docker, ...privileged })
    expect(vantage).toMatchObject({ privileged: true, namespace: 'container', hostView: 'none' })
    expect(vantage.capabilities).toEqual(expect.arrayContaining(['NET_ADMIN', 'SYSLOG', 'SYS_ADMIN']))
  })

  test('root on the machine is not a privileged container', async () => {
    expect(await vantageFor({ ...initial, ...privileged })).toMatchObject({
      container: 'none',
      privileged: false,
    })
  })

  test('the host’s processes are recognised by kernel threads', async () => {
    expect(await vantageFor({ '/proc/2/comm': 'kthreadd\n' })).toMatchObject({
      hostPid: true,
      hostView: 'host pid',
    })
    expect(await vantageFor({ '/proc/2/comm': 'sleep\n' })).toMatchObject({ hostPid: false })
  })

  test('a missing or invalid status', async () => {
    for (const files of [{}, status('zz', '', 9)])
      expect(await vantageFor(files)).toMatchObject({ capabilities: [] })
  })
})

describe('a rootless engine', () => {
  const engine: Area<EngineFact> = {
    ...{ seen: true, from: '' },
    value: { flavour: 'docker', version: '', apiVersion: '', minApiVersion: '', pools: [], rootless: true },
  }

  test('by its own report, or by Podman’s marker file', async () => {
    expect(await vantageFor(docker, { engine })).toMatchObject({ rootless: true })
    expect(await vantageFor({ '/run/.containerenv': 'engine="podman-4.3.1"\nrootless=1\n' })).toMatchObject({
      rootless: true,
    })
    expect(await vantageFor(docker)).toMatchObject({ rootless: false })
  })
})

describe('trust', () => {
  test('is what Woodpecker reports; a missing variable means not trusted', async () => {
    const env = { CI: 'woodpecker', CI_REPO_TRUSTED_VOLUMES: 'true', CI_REPO_TRUSTED_NETWORK: 'false' }
    expect(await vantageFor(docker, { env })).toMatchObject({
      platform: 'woodpecker',
      trusted: { network: false, volumes: true, security: false },
    })
  })

  test('is unknown elsewhere', async () => {
    expect(await vantageFor(docker)).not.toHaveProperty('trusted')
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
      'with files of another container mounted elsewhere',
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

  test('none outside a container', async () => {
    expect(
      await idIn({ '/proc/self/mountinfo': mount('/', '/'), '/proc/self/cgroup': '0::/\n' }),
    ).toBeUndefined()
  })
})

describe('interfaces that the host created', () => {
  const directories = { '/sys/class/net': ['lo', 'eth0', 'eth1'] }
  const net = (name: string, index: number, other: number): Files => ({
    [`/sys/class/net/${name}/ifindex`]: `${index}\n`,
    [`/sys/class/net/${name}/iflink`]: `${other}\n`,
  })
  const uptime = { '/proc/uptime': '13904.24 20000.00\n' }

  test('are counted by the peer of our newest veth', async () => {
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
