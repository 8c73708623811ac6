import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { isNewer } from '../../../src/observe/runner/docker/api.ts'
import { observeDocker } from '../../../src/observe/runner/docker/docker.ts'
import { socketPaths } from '../../../src/observe/runner/docker/socket.ts'
import { useSockets } from '../../support/fake-engine.ts'

const sockets = useSockets()

describe('what is at a socket', () => {
  test('nothing', async () => {
    const { socket } = await sockets.open('/nowhere/docker.sock')
    expect(socket).toEqual({ state: 'absent', path: '/nowhere/docker.sock' })
  })

  test('a directory, a file', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'regguard-socket-'))
    const file = join(directory, 'file')
    await writeFile(file, '')
    const stateOf = async (path: string) => (await sockets.open(path)).socket
    expect(await stateOf(directory)).toMatchObject({
      state: 'useless',
      why: expect.stringContaining('directory'),
    })
    expect(await stateOf(file)).toMatchObject({ state: 'useless', why: 'not a socket' })
    await rm(directory, { recursive: true })
  })

  test('Docker, in the newest API version that both support', async () => {
    const connect = async (min: string, max: string) => {
      const { path } = await sockets.engine({ min, max })
      return sockets.open(path)
    }
    const old = await connect('1.12', '1.41')
    expect(old.socket).toEqual({ state: 'answers', path: expect.any(String), flavour: 'docker' })
    expect(old.api).toMatchObject({ apiVersion: '1.41', minApiVersion: '1.12', maxApiVersion: '1.41' })
    expect((await connect('1.44', '1.60')).api).toMatchObject({ apiVersion: '1.51' })
  })

  test('Podman', async () => {
    const { path } = await sockets.engine({ podman: true, max: '1.41' })
    expect((await sockets.open(path)).socket).toEqual({ state: 'answers', path, flavour: 'podman' })
  })

  test('an engine whose API versions are all newer than ours, or all older', async () => {
    const newest = await sockets.engine({ version: '40.0.0', min: '1.60', max: '1.70' })
    expect((await sockets.open(newest.path)).socket).toEqual({
      ...{ state: 'unsupported', path: newest.path, version: '40.0.0' },
      ...{ min: '1.60', max: '1.70', ours: '1.24 to 1.51' },
    })
    const oldest = await sockets.engine({ version: '1.9.0', min: '1.12', max: '1.21' })
    expect((await sockets.open(oldest.path)).socket).toMatchObject({ state: 'unsupported', max: '1.21' })
  })

  test.each([
    [
      'a web server',
      'HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 6\r\n\r\n<html>',
      'not a container engine (GET /_ping: HTTP 200, text/html)',
    ],
    [
      'a redirect',
      'HTTP/1.1 302 Found\r\nlocation: http://192.0.2.1/\r\ncontent-length: 0\r\n\r\n',
      'not a container engine (GET /_ping: HTTP 302)',
    ],
    ['another protocol', 'SSH-2.0-OpenSSH_9.2\r\n', 'the response is not HTTP'],
    [
      'endless headers',
      `HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(20_000)}`,
      'the response headers are too large',
    ],
    [
      'an invalid API version',
      'HTTP/1.1 200 OK\r\napi-version: newest\r\ncontent-length: 0\r\n\r\n',
      'not a container engine (GET /_ping: HTTP 200)',
    ],
  ])('%s', async (_, respond, why) => {
    const path = await sockets.raw((socket) => socket.once('data', () => socket.end(respond)))
    expect((await sockets.open(path)).socket).toEqual({ state: 'useless', path, why })
  })

  test('a server that closes the connection', async () => {
    const path = await sockets.raw((socket) => socket.destroy())
    expect((await sockets.open(path)).socket).toMatchObject({
      state: 'useless',
      why: expect.stringMatching(/closed|reset/),
    })
  })

  test('no response, and a response that never ends', async () => {
    const silent = await sockets.raw(() => {})
    const dripping = await sockets.raw((socket) => {
      socket.write('HTTP/1.1 200 OK\r\napi-version: 1.41\r\n\r\n')
      const timer = setInterval(() => socket.write('O'), 50)
      socket.once('close', () => clearInterval(timer))
    })
    const both = await Promise.all([silent, dripping].map((path) => sockets.open(path)))
    for (const { socket } of both)
      expect(socket).toMatchObject({ state: 'useless', why: 'no response within 3 s' })
  })

  test('a stopped run', async () => {
    const path = await sockets.raw(() => {})
    const stop = new AbortController()
    const opening = sockets.open(path, stop.signal)
    stop.abort()
    expect((await opening).socket).toMatchObject({ state: 'useless', why: 'the run was stopped' })
  })
})

describe('the areas without an engine', () => {
  const unseenArea = async (setting: string, container: 'docker' | 'kubernetes' = 'docker') => {
    const connection = await sockets.open(setting)
    const { engine, networks, churn } = await observeDocker({ connection, container, now: Date.now })
    expect(networks).toEqual(engine)
    expect(await churn()).toEqual(engine)
    return engine
  }

  test('no socket: the remedy is a volume', async () => {
    const why = 'no engine socket at /nowhere/docker.sock'
    expect(await unseenArea('/nowhere/docker.sock')).toEqual({
      seen: false,
      why,
      remedies: ['docker-socket'],
      applies: true,
    })
  })

  test('on Kubernetes no engine is expected', async () => {
    expect(await unseenArea('/nowhere/docker.sock', 'kubernetes')).toMatchObject({
      seen: false,
      applies: false,
    })
  })

  test('an unsupported engine', async () => {
    const { path } = await sockets.engine({ min: '1.60', max: '1.70' })
    expect(await unseenArea(path)).toMatchObject({
      ...{ seen: false, remedies: [], applies: true },
      why: `${path} supports engine API versions 1.60 to 1.70, regguard 1.24 to 1.51`,
    })
  })

  test('a proxy that filters requests', async () => {
    const { path } = await sockets.engine({
      respond: () => ({ status: 403, text: '<h1>Forbidden</h1>', type: 'text/html' }),
    })
    const { engine, networks, churn } = await observeDocker({
      ...{ connection: await sockets.open(path), container: 'docker', now: Date.now },
    })
    expect(engine).toMatchObject({ seen: false, why: 'GET /info: HTTP 403, text/html' })
    expect(networks).toMatchObject({ seen: false, why: 'GET /networks: HTTP 403, text/html' })
    expect(await churn()).toMatchObject({ seen: false, why: 'GET /events: HTTP 403, text/html' })
  })
})

describe('which sockets are tried', () => {
  const paths = (setting: string | undefined, env: Record<string, string> = {}) =>
    socketPaths({ ...(setting === undefined ? {} : { setting }), env, uid: 1000 })

  test('the setting, else DOCKER_HOST, else the default sockets', () => {
    const env = { DOCKER_HOST: 'unix:///run/other.sock' }
    expect(paths('/mine.sock', env).paths).toEqual(['/mine.sock'])
    expect(paths('unix:///mine.sock', env).paths).toEqual(['/mine.sock'])
    expect(paths(undefined, env).paths).toEqual(['/run/other.sock'])
    expect(paths(undefined).paths).toEqual([
      ...['/var/run/docker.sock', '/run/podman/podman.sock'],
      ...['/run/user/1000/docker.sock', '/run/user/1000/podman/podman.sock'],
    ])
  })

  test('anything but a Unix socket is refused without showing its secrets; the default sockets are still tried', () => {
    const connection = paths(undefined, { DOCKER_HOST: 'tcp://user:secret@192.0.2.1:2375' })
    expect(connection.refused).toMatchObject({
      state: 'useless',
      why: 'tcp://…: only Unix sockets are supported',
    })
    expect(connection.paths).toHaveLength(4)
    expect(JSON.stringify(connection)).not.toContain('secret')
    expect(paths('relative.sock')).toMatchObject({ paths: [], refused: { path: 'docker_socket' } })
  })
})

test('versions are compared number by number', () => {
  expect([
    isNewer('1.9', '1.41'),
    isNewer('1.41', '1.9'),
    isNewer('2.0', '1.99'),
    isNewer('1.41', '1.41'),
  ]).toEqual([...[false, true, true, false]])
})
