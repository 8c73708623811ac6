import { randomInt } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { findProgram } from './need.ts'
import { type Program, startProgram, statusOf } from './program.ts'
import { configFor, type RealRegistryOptions } from './real-registry-config.ts'

export type { RealRegistryOptions } from './real-registry-config.ts'

/** A running `docker-registry`. */
export type RealRegistry = {
  host: string
  root: string
  /** The same storage and port, in a process that has nothing cached. */
  restart(): Promise<void>
  stop(): Promise<void>
  /** Ends the process; nobody listens at the port until it is started again. */
  down(): Promise<void>
  /** Starts it again. */
  up(): Promise<void>
  garbageCollect(options: {
    deleteUntagged: boolean
  }): Promise<{ exitCode: number | undefined; output: string }>
  /** The file that holds the bytes of a digest. */
  blobPath(digest: string): string
  repositoryPath(repository: string): string
  /** All that the process has printed since the last start. */
  log(): string
}

/** Whether the registry can be run here. */
function available(): { ok: true; path: string } | { ok: false; reason: string } {
  const path = findProgram('docker-registry')
  return path
    ? { ok: true, path }
    : { ok: false, reason: 'docker-registry is neither in PATH nor in /usr/sbin' }
}

/** Starts a registry, Debian's unless another is named, with its stock descriptor cache and deletion enabled. */
export async function startRealRegistry(options: RealRegistryOptions = {}): Promise<RealRegistry> {
  const program = options.program ?? debianProgram()
  const directory = await mkdtemp(join(tmpdir(), 'regguard-registry-'))
  const root = options.root ?? join(directory, 'storage')
  const configFile = join(directory, 'config.yml')
  const port = await freePort()
  const host = `127.0.0.1:${port}`
  // JSON is YAML.
  await writeFile(configFile, JSON.stringify(configFor(root, host, options)))

  let running = await start(program, configFile, host).catch(async (error: unknown) => {
    await rm(directory, { recursive: true })
    throw error
  })

  return {
    host,
    root,
    async restart() {
      await running.stop()
      running = await start(program, configFile, host)
    },
    down: () => running.stop(),
    async up() {
      running = await start(program, configFile, host)
    },
    async stop() {
      await running.stop()
      await rm(directory, { recursive: true, force: true })
    },
    async garbageCollect({ deleteUntagged }) {
      const flags = deleteUntagged ? ['--delete-untagged'] : []
      const done = await execa(program, ['garbage-collect', ...flags, configFile], {
        all: true,
        env,
        reject: false,
      })
      return { exitCode: done.exitCode, output: done.all }
    },
    blobPath(digest) {
      const [algorithm = '', hex = ''] = digest.split(':')
      return join(root, 'docker/registry/v2/blobs', algorithm, hex.slice(0, 2), hex, 'data')
    },
    repositoryPath: (repository) => join(root, 'docker/registry/v2/repositories', repository),
    log: () => running.output(),
  }
}

function debianProgram(): string {
  const found = available()
  if (!found.ok) throw new Error(found.reason)
  return found.path
}

/** Registry 3 sends traces to a collector on this machine unless told not to. */
const env = { OTEL_TRACES_EXPORTER: 'none' }

function start(program: string, configFile: string, host: string): Promise<Program> {
  return startProgram([program, 'serve', configFile], {
    env,
    ready: async () => (await statusOf(`http://${host}/v2/`)) !== undefined,
  })
}

/**
 * A port on 127.0.0.1 that was free a moment ago. It is below the range from which the kernel takes ports (32768 and above), so that
 * nobody is given it in the meantime.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(10_000, 32_768)
    if (await isFree(port)) return port
  }
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })

/** An address that refuses connections: nobody listens at port 1, which the kernel gives to nobody. */
export const deadHost = '127.0.0.1:1'
