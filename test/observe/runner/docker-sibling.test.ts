import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { PassThrough, Readable } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { HostView } from '../../../src/facts/runner.ts'
import { removeLeftovers } from '../../../src/observe/runner/docker/leftovers.ts'
import { readMultiplexed } from '../../../src/observe/runner/docker/multiplexed.ts'
import { takeSnapshot } from '../../../src/observe/runner/docker/sibling.ts'
import {
  readSnapshotArguments,
  snapshotArguments,
} from '../../../src/observe/runner/docker/sibling-request.ts'
import { type FakeRequest, type FakeResponse, useSockets } from '../../support/fake-engine.ts'
import { fakeHostAccess } from '../../support/fake-host-access.ts'
import { until } from '../../support/until.ts'

const sockets = useSockets()
const own = 'a'.repeat(64)
const mountinfo = `99 82 254:0 /var/lib/docker/containers/${own}/hosts /etc/hosts rw,relatime - ext4 /dev/vda rw\n`

const area = { seen: false as const, why: 'not here', remedies: [], applies: true }
const view: HostView = {
  ...{ links: area, rules: area, routes: area, kernel: area, conntrack: area, pressure: area },
  ...{ programs: area, churn: area, listeners: area, namespace: 'initial' },
}

const frame = (stream: number, text: string): Buffer => {
  const body = Buffer.from(text)
  const header = Buffer.alloc(8)
  header[0] = stream
  header.writeUInt32BE(body.length, 4)
  return Buffer.concat([header, body])
}

interface SiblingBehaviour {
  /** What the sibling prints once started; without it, it prints nothing and never exits. */
  prints?: Buffer
  exitCode?: number
  labels?: Record<string, string>
  start?: FakeResponse
  create?: FakeResponse
  leftovers?: unknown[]
}

/** A fake engine whose sibling behaves as given. `removed` lists the ids of removed containers. */
async function engineOf({ prints, exitCode = 0, labels, start, create, leftovers = [] }: SiblingBehaviour) {
  const attached: ServerResponse[] = []
  const removed: string[] = []
  const respond = ({ method, path, query }: FakeRequest, response: ServerResponse): FakeResponse | 'sent' => {
    const [, id = '', verb = ''] = /^\/containers\/([^/]+)(?:\/(\w+))?$/.exec(path) ?? []
    if (method === 'DELETE') {
      removed.push(id)
      for (const one of attached) one.destroy()
      return { status: 204 }
    }
    if (path === '/containers/json') return { value: leftovers }
    if (path === `/containers/${own}/json`)
      return {
        value: {
          Image: 'sha256:me',
          Config: { Labels: labels ?? { 'org.opencontainers.image.title': 'regguard' } },
        },
      }
    if (path === '/containers/create') return create ?? { status: 201, value: { Id: query.get('name') } }
    if (verb === 'attach') {
      response.writeHead(200, { 'content-type': 'application/vnd.docker.raw-stream' }).flushHeaders()
      attached.push(response)
      return 'sent'
    }
    if (verb === 'wait') return { value: { StatusCode: exitCode } }
    if (verb === 'start') {
      if (!start && prints) for (const one of attached) one.end(prints)
      return start ?? { status: 204 }
    }
    return undefined
  }
  const { api, requests } = await sockets.api({ respond })
  const take = (signal = new AbortController().signal, limitMs = 1000) =>
    takeSnapshot({
      api,
      access: fakeHostAccess({ files: { '/proc/self/mountinfo': mountinfo }, signal }),
      windowMs: 0,
      limitMs,
    })
  const created = () => requests.filter(({ path }) => path === '/containers/create')
  return { api, requests, take, created, removed }
}

describe('the sibling', () => {
  test('gets exactly the rights that the inspection needs', async () => {
    const { take, created } = await engineOf({ prints: frame(1, `${JSON.stringify(view)}\n`) })
    expect(await take()).toEqual({ ok: true, view })
    const [{ body, query } = { body: '', query: new URLSearchParams() }] = created()
    expect(query.get('name')).toMatch(/^regguard-snapshot-[0-9a-f]{16}$/)
    expect(JSON.parse(body)).toEqual({
      ...{
        Image: 'sha256:me',
        User: '0:0',
        Cmd: ['host-snapshot', '--window-ms', '0', '--limit-ms', '1000'],
      },
      ...{ AttachStdin: false, AttachStdout: true, AttachStderr: true, Tty: false },
      Labels: {
        regguard: 'snapshot',
        'regguard.run': expect.stringMatching(/^[0-9a-f]{16}$/),
        'regguard.limit': '1',
      },
      HostConfig: {
        ...{
          NetworkMode: 'host',
          PidMode: 'host',
          CapDrop: ['ALL'],
          CapAdd: ['NET_ADMIN', 'NET_RAW', 'SYSLOG'],
        },
        ...{ SecurityOpt: ['no-new-privileges'], ReadonlyRootfs: true, Privileged: false },
        Devices: [{ PathOnHost: '/dev/kmsg', PathInContainer: '/dev/kmsg', CgroupPermissions: 'r' }],
        ...{ LogConfig: { Type: 'none' }, RestartPolicy: { Name: 'no' }, AutoRemove: true },
      },
    })
  })

  test('is removed after its snapshot', async () => {
    const { take, created, removed } = await engineOf({ prints: frame(1, JSON.stringify(view)) })
    await take()
    expect(removed).toEqual([created()[0]?.query.get('name')])
  })

  test('may print warnings to stderr, and lines before the snapshot', async () => {
    const prints = Buffer.concat([
      frame(2, 'a warning\n'),
      frame(1, 'hello\n'),
      frame(1, JSON.stringify(view)),
    ])
    expect(await (await engineOf({ prints })).take()).toMatchObject({ ok: true })
  })

  test.each<[string, SiblingBehaviour, string]>([
    [
      'it fails',
      { prints: frame(2, 'no such subcommand\n'), exitCode: 2 },
      'the sibling printed no snapshot; exit code 2: no such subcommand',
    ],
    [
      'it prints something else',
      { prints: frame(1, '{"links":1}') },
      'the sibling printed no snapshot; exit code 0: {"links":1}',
    ],
    [
      'its output is truncated',
      { prints: frame(1, 'x'.repeat(100)).subarray(0, 50) },
      `the sibling printed no snapshot; exit code 0: ${'x'.repeat(42)}`,
    ],
    [
      'its output is not multiplexed',
      { prints: Buffer.from('plain text, more than eight bytes') },
      'the sibling printed no snapshot; exit code 0',
    ],
    [
      'the engine does not start it',
      { start: { status: 400, value: { message: 'OCI runtime create failed: seccomp' } } },
      'start: OCI runtime create failed: seccomp',
    ],
    [
      'the image no longer exists',
      { create: { status: 404, value: { message: 'No such image: sha256:me' } } },
      'POST /containers/create: No such image: sha256:me',
    ],
    [
      'a proxy refuses its creation',
      { create: { status: 403, text: '<h1>', type: 'text/html' } },
      'POST /containers/create: HTTP 403, text/html',
    ],
  ])('%s', async (_, behaviour, why) => {
    const { take, created, removed } = await engineOf(behaviour)
    const snapshot = await take()
    expect(snapshot).toMatchObject({ ok: false, why: expect.stringContaining(why) })
    // A created container is removed; a refused request created none.
    expect(removed).toEqual(behaviour.create ? [] : [created()[0]?.query.get('name')])
  })

  test('that hangs is removed after its limit and a grace period', async () => {
    const { take, removed } = await engineOf({})
    expect(await take(undefined, 100)).toEqual({
      ok: false,
      why: 'the sibling was still running after 2.1 s',
    })
    expect(removed).toHaveLength(1)
  })

  test('is removed when the run is stopped', async () => {
    const stop = new AbortController()
    const { take, requests, removed } = await engineOf({})
    const taking = take(stop.signal)
    await until('its start', () => requests.some(({ path }) => path.endsWith('/start')))
    stop.abort()
    expect(await taking).toEqual({ ok: false, why: 'the run was stopped' })
    expect(removed).toHaveLength(1)
  })

  test('is created again without the kernel log where the host has no /dev/kmsg', async () => {
    const message =
      'error gathering device information while adding custom device "/dev/kmsg": no such file or directory'
    const { take, created, removed } = await engineOf({ start: { status: 500, value: { message } } })
    expect(await take()).toMatchObject({ ok: false })
    expect(created().map(({ body }) => JSON.parse(body).HostConfig.Devices.length)).toEqual([1, 0])
    expect(removed).toHaveLength(2)
  })

  test('is never started from an image that is not regguard’s own', async () => {
    const { take, created } = await engineOf({ labels: { 'org.opencontainers.image.title': 'deployer' } })
    expect(await take()).toMatchObject({
      ok: false,
      why: expect.stringContaining("does not run regguard's own image"),
    })
    expect(created()).toEqual([])
  })

  test('is not created where another engine started this container, or none did', async () => {
    const { api } = await sockets.api({
      respond: () => ({ status: 404, value: { message: 'No such container' } }),
    })
    const inside = (files: Record<string, string>) =>
      takeSnapshot({ api, access: fakeHostAccess({ files }), windowMs: 0 })
    expect(await inside({ '/proc/self/mountinfo': mountinfo })).toMatchObject({
      ...{ ok: false, why: expect.stringContaining('does not know this container') },
    })
    expect(await inside({})).toEqual({
      ok: false,
      why: 'this process does not run in a container of Docker or Podman',
    })
  })
})

describe('siblings left behind by crashed runs', () => {
  const now = () => Math.floor(Date.now() / 1000)
  const sibling = (Id: string, ageSeconds: number, Labels: Record<string, string> = {}) => ({
    ...{ Id, Created: now() - ageSeconds, State: 'running' },
    Labels: { regguard: 'snapshot', 'regguard.limit': '17', 'regguard.run': 'x', ...Labels },
  })

  test('are removed when older than their limit plus a minute; others are not', async () => {
    const leftovers = [
      sibling('old', 90),
      sibling('live', 60),
      sibling('other', 9000, { regguard: 'something else' }),
      sibling('unlimited', 9000, { 'regguard.limit': 'none' }),
      { Id: 'strange', Labels: null },
    ]
    const { api, requests, removed } = await engineOf({ leftovers })
    expect(await removeLeftovers(api)).toEqual(['old'])
    expect(removed).toEqual(['old'])
    expect(requests[0]?.query.get('filters')).toBe('{"label":["regguard=snapshot"]}')
  })

  test('are removed before a new one is created', async () => {
    const { take, removed } = await engineOf({
      prints: frame(1, JSON.stringify(view)),
      leftovers: [sibling('old', 900)],
    })
    expect(await take()).toMatchObject({ ok: true })
    expect(removed[0]).toBe('old')
  })
})

describe('the arguments of the subcommand', () => {
  test('are parsed as they are written', () => {
    const times = { windowMs: 2000, limitMs: 17_000 }
    expect(readSnapshotArguments(snapshotArguments(times).slice(1))).toEqual(times)
  })

  test.each([
    [[]],
    [['--window-ms', '1']],
    [['--window-ms', '-1', '--limit-ms', '5']],
    [['--window-ms', '1', '--limit-ms', '9999999']],
    [['--window-ms', '1', '--limit-ms', '5', 'more']],
  ])('are nothing else: %j', (args) => {
    expect(readSnapshotArguments(args)).toBeUndefined()
  })
})

describe('the output of a container', () => {
  test('is the same however its frames are split', async () => {
    const frames = fc.array(fc.tuple(fc.constantFrom(1, 2), fc.string({ maxLength: 40 })), { maxLength: 20 })
    await fc.assert(
      fc.asyncProperty(
        frames,
        fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }),
        async (parts, cuts) => {
          const bytes = Buffer.concat(parts.map(([stream, text]) => frame(stream, text)))
          const chunks: Buffer[] = []
          for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
            const size = cuts[turn % cuts.length] ?? 1
            chunks.push(bytes.subarray(at, at + size))
            at += size
          }
          const of = (wanted: number) =>
            parts.flatMap(([stream, text]) => (stream === wanted ? [text] : [])).join('')
          const bytesOf = (text: string) => Buffer.from(text).toString('utf8')
          const read = await readMultiplexed(Readable.from(chunks, { objectMode: true }), 10_000)
          expect(read).toEqual({ stdout: bytesOf(of(1)), stderr: bytesOf(of(2)), end: 'complete' })
        },
      ),
    )
  })

  test('is not read beyond the limit, and only the beginning of stderr is kept', async () => {
    expect(await readMultiplexed(Readable.from([frame(1, 'x'.repeat(100))]), 99)).toMatchObject({
      end: 'too long',
    })
    const chatter = Readable.from(Array.from({ length: 1000 }, () => frame(2, 'x'.repeat(1024))))
    const { stderr, end } = await readMultiplexed(chatter, 10)
    expect(end).toBe('complete')
    expect(stderr.length).toBeLessThan(20_000)
  })

  test('ends with the connection', async () => {
    const body = new PassThrough()
    const reading = readMultiplexed(body, 1000)
    body.write(frame(1, 'half'))
    await once(body, 'readable').catch(() => {})
    body.destroy(new Error('reset'))
    expect(await reading).toMatchObject({ end: 'truncated' })
  })
})
