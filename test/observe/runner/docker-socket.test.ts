import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { newer } from '../../../src/observe/runner/docker/api.ts'
import { observeDocker } from '../../../src/observe/runner/docker/docker.ts'
import { socketPaths } from '../../../src/observe/runner/docker/socket.ts'
import { useSockets } from '../../support/fake-engine.ts'

const sockets = useSockets()

describe('what is at a socket', () => {
  test('nothing', async () => {
    const { socket } = await sockets.open('/nowhere/docker.sock')
    expect(socket).toEqual({ state: 'absent', path: '/nowhere/docker.sock' })
  })

  test('a directory, a file, a socket that was left over', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'regguard-socket-'))
    const file = join(directory, 'file')
    await writeFile(file, '')
    const why = async (path: string) => (await sockets.open(path)).socket
    expect(await why(directory)).toMatchObject({
      state: 'useless',
      why: expect.stringContaining('directory'),
    })
    expect(await why(file)).toMatchObject({ state: 'useless', why: 'what is there is no socket' })
    await rm(directory, { recursive: true })
  })

  test('Docker, in the newest version of the API that both know', async () => {
    const meet = async (min: string, max: string) => {
      const { path } = await sockets.engine({ min, max })
      return sockets.open(path)
    }
    const old = await meet('1.12', '1.41')
    expect(old.socket).toEqual({ state: 'answers', path: expect.any(String), flavour: 'docker' })
    expect(old.api).toMatchObject({ apiVersion: '1.41', minApiVersion: '1.12', maxApiVersion: '1.41' })
    expect((await meet('1.44', '1.60')).api).toMatchObject({ apiVersion: '1.51' })
  })

  test('Podman', async () => {
    const { path } = await sockets.engine({ podman: true, max: '1.41' })
    expect((await sockets.open(path)).socket).toEqual({ state: 'answers', path, flavour: 'podman' })
  })

  test('an engine that takes no version as old as ours, or knows none as new', async () => {
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
      'it answers 200 with text/html, not as an engine does',
    ],
    [
      'a redirect',
      'HTTP/1.1 302 Found\r\nlocation: http://192.0.2.1/\r\ncontent-length: 0\r\n\r\n',
      'it answers 302, not as an engine does',
    ],
    ['another protocol', 'SSH-2.0-OpenSSH_9.2\r\n', 'what answers there is no HTTP'],
    [
      'headers without end',
      `HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(20_000)}`,
      'the answer has endless headers',
    ],
    [
      'a version that is none',
      'HTTP/1.1 200 OK\r\napi-version: newest\r\ncontent-length: 0\r\n\r\n',
      'it answers 200, not as an engine does',
    ],
  ])('%s', async (_, answer, why) => {
    const path = await sockets.raw((socket) => socket.once('data', () => socket.end(answer)))
    expect((await sockets.open(path)).socket).toEqual({ state: 'useless', path, why })
  })

  test('somebody who hangs up', async () => {
    const path = await sockets.raw((socket) => socket.destroy())
    expect((await sockets.open(path)).socket).toMatchObject({
      state: 'useless',
      why: expect.stringMatching(/closed|reset/),
    })
  })

  test('silence, and an answer that drips and never ends', async () => {
    const silent = await sockets.raw(() => {})
    const dripping = await sockets.raw((socket) => {
      socket.write('HTTP/1.1 200 OK\r\napi-version: 1.41\r\n\r\n')
      const timer = setInterval(() => socket.write('O'), 50)
      socket.once('close', () => clearInterval(timer))
    })
    const both = await Promise.all([silent, dripping].map((path) => sockets.open(path)))
    for (const { socket } of both) expect(socket).toMatchObject({ state: 'useless', why: 'no answer in 3 s' })
  })

  test('the end of the run', async () => {
    const path = await sockets.raw(() => {})
    const stop = new AbortController()
    const opening = sockets.open(path, stop.signal)
    stop.abort()
    expect((await opening).socket).toMatchObject({ state: 'useless', why: 'the run was stopped' })
  })
})

describe('what an unanswered socket means for the looks', () => {
  const looks = async (setting: string, container: 'docker' | 'kubernetes' = 'docker') => {
    const found = await sockets.open(setting)
    const { engine, networks, churn } = await observeDocker({ found, container, now: Date.now })
    expect(networks).toEqual(engine)
    expect(await churn()).toEqual(engine)
    return engine
  }

  test('a volume would show it', async () => {
    const why = 'there is no socket of an engine at /nowhere/docker.sock'
    expect(await looks('/nowhere/docker.sock')).toEqual({
      seen: false,
      why,
      remedies: ['docker-socket'],
      applies: true,
    })
  })

  test('on Kubernetes nothing is missing', async () => {
    expect(await looks('/nowhere/docker.sock', 'kubernetes')).toMatchObject({ seen: false, applies: false })
  })

  test('an engine of another time', async () => {
    const { path } = await sockets.engine({ min: '1.60', max: '1.70' })
    expect(await looks(path)).toMatchObject({
      ...{ seen: false, remedies: [], applies: true },
      why: `${path} speaks versions 1.60 to 1.70 of the engine's API, regguard 1.24 to 1.51`,
    })
  })

  test('a proxy that lets only some questions through', async () => {
    const { path } = await sockets.engine({
      answer: () => ({ status: 403, text: '<h1>Forbidden</h1>', type: 'text/html' }),
    })
    const { engine, networks, churn } = await observeDocker({
      ...{ found: await sockets.open(path), container: 'docker', now: Date.now },
    })
    expect(engine).toMatchObject({ seen: false, why: 'GET /info: it answers 403 with text/html' })
    expect(networks).toMatchObject({ seen: false, why: 'GET /networks: it answers 403 with text/html' })
    expect(await churn()).toMatchObject({ seen: false, why: 'GET /events: it answers 403 with text/html' })
  })
})

describe('where a socket is looked for', () => {
  const paths = (setting: string | undefined, env: Record<string, string> = {}) =>
    socketPaths({ ...(setting === undefined ? {} : { setting }), env, uid: 1000 })

  test('the setting is stronger than DOCKER_HOST, and that than the usual places', () => {
    const env = { DOCKER_HOST: 'unix:///run/other.sock' }
    expect(paths('/mine.sock', env).paths).toEqual(['/mine.sock'])
    expect(paths('unix:///mine.sock', env).paths).toEqual(['/mine.sock'])
    expect(paths(undefined, env).paths).toEqual(['/run/other.sock'])
    expect(paths(undefined).paths).toEqual([
      ...['/var/run/docker.sock', '/run/podman/podman.sock'],
      ...['/run/user/1000/docker.sock', '/run/user/1000/podman/podman.sock'],
    ])
  })

  test('what is no Unix socket is refused without its secrets, and the usual places are still looked at', () => {
    const found = paths(undefined, { DOCKER_HOST: 'tcp://user:secret@192.0.2.1:2375' })
    expect(found.refused).toMatchObject({
      state: 'useless',
      why: 'it names tcp://…; only Unix sockets are asked',
    })
    expect(found.paths).toHaveLength(4)
    expect(JSON.stringify(found)).not.toContain('secret')
    expect(paths('relative.sock')).toMatchObject({ paths: [], refused: { path: 'docker_socket' } })
  })
})

test('versions are compared number by number', () => {
  expect([newer('1.9', '1.41'), newer('1.41', '1.9'), newer('2.0', '1.99'), newer('1.41', '1.41')]).toEqual([
    ...[false, true, true, false],
  ])
})
