import { mkdtemp, rm } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { unmountBelow } from '../../support/mounts.ts'
import { startProgram } from '../../support/program.ts'
import { type Client, type Pull, pullLimitMs } from './client.ts'

/** The programs and flags of one Docker engine. */
export type DockerPrograms = {
  id: string
  name: string
  dockerd: string
  flags: string[]
  /** The folder of the containerd that it starts. */
  containerd: string
  /** Runs it elsewhere, as in a network namespace. */
  within?(command: string[]): string[]
}

/** A Docker engine, whose configuration may be read again. */
export type Docker = Client & {
  /** Asks it for this path of its API. */
  get(path: string): Promise<string>
  /** Lets it read its configuration file again. */
  reload(): void
}

/** With these, an engine changes neither rules nor bridges nor forwarding of the namespace that it runs in. */
const withoutNetwork = [
  ...['--bridge=none', '--iptables=false', '--ip6tables=false', '--ip-forward=false', '--ip-masq=false'],
]

/** Starts `dockerd` with a data root of its own and without networks. Registries at 127.0.0.0/8 may speak plain HTTP to it. */
export async function startDocker({
  id,
  name,
  dockerd,
  flags,
  containerd,
  within = (command) => command,
}: DockerPrograms): Promise<Docker> {
  const directory = await mkdtemp(join(tmpdir(), 'regguard-docker-'))
  const socket = join(directory, 'docker.sock')
  const own = ['--data-root', join(directory, 'data'), '--exec-root', join(directory, 'exec')]
  const daemon = await startProgram(
    within([
      ...[dockerd, '-H', `unix://${socket}`, '-p', join(directory, 'pid')],
      ...[...own, ...withoutNetwork, ...flags],
    ]),
    {
      name,
      env: { PATH: `${containerd}:${process.env.PATH}:/usr/sbin:/sbin` },
      ready: () =>
        call(socket, 'GET', '/_ping').then(
          ({ status }) => status === 200,
          () => false,
        ),
      clear: async () => {
        await unmountBelow(directory)
        await rm(directory, { recursive: true, force: true })
      },
    },
  )
  const { body } = await call(socket, 'GET', '/version')
  return {
    ...{ id, name },
    version: String(JSON.parse(body).Version).replace(/^v/, ''),
    pull: (reference) => pull(socket, reference),
    get: async (path) => (await call(socket, 'GET', path)).body,
    reload: () => daemon.signal('SIGHUP'),
    stop: () => daemon.stop(),
  }
}

/** As `docker pull` does: the answer is a stream of JSON, and an error after its begin is in its last part. */
async function pull(socket: string, reference: string): Promise<Pull> {
  const query = new URLSearchParams({ fromImage: reference, platform: 'linux/amd64' })
  const { status, body } = await call(socket, 'POST', `/images/create?${query}`)
  const parts = body
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
  const error = parts.map((part) => JSON.parse(part)).find((part) => part.error ?? part.message)
  if (error) return { ok: false, error: error.error ?? error.message }
  return status === 200 ? { ok: true } : { ok: false, error: `${status} ${body}` }
}

function call(socketPath: string, method: string, path: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const asking = request({ socketPath, method, path, timeout: pullLimitMs }, (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        body += chunk
      })
      response.on('error', reject)
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }))
    })
    asking.on('timeout', () => asking.destroy(new Error(`no answer to ${path} within ${pullLimitMs} ms`)))
    asking.on('error', reject)
    asking.end()
  })
}
