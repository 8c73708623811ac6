import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { unmountBelow } from './mounts.ts'
import { findProgram } from './need.ts'
import { makeNetworkNamespace, type NetworkNamespace } from './network-namespace.ts'
import { startProgram } from './program.ts'
import { until } from './until.ts'

/** What a suite names in `suiteNeeds` to run an engine. */
export const enginePrograms = ['dockerd', 'docker', 'ip', 'nsenter', 'iptables']

/** A Docker engine of the test's own, whose bridges and rules live in a namespace of their own. */
export type Engine = {
  socket: string
  namespace: NetworkNamespace
  /** Runs the Docker client; fails as execa does. */
  docker(args: string[], options?: { input?: string | Buffer; env?: Record<string, string> }): Promise<string>
  /** What the daemon has printed since it was last started. */
  log(): string
  /** As `systemctl restart docker`; `between` runs while it is stopped. */
  restart(between?: () => Promise<void>): Promise<void>
  /** Stops the process of the daemon, and lets it go on. */
  freeze(): void
  thaw(): void
  /** Ends the daemon with SIGKILL; its socket, bridges and rules stay. */
  kill(): Promise<void>
  stop(): Promise<void>
}

export interface EngineOptions {
  flags?: string[]
  /** For the daemon: the address of a D-Bus, a PATH. */
  env?: Record<string, string>
  /** Its program, where it is not the first `dockerd` of the PATH. */
  program?: string
  /** A namespace that exists; it is removed with the engine. */
  namespace?: NetworkNamespace
}

/** Starts `dockerd` with data root, exec root, socket and pid file of its own. Needs root. */
export async function startEngine(options: EngineOptions = {}): Promise<Engine> {
  const { flags = [], env = {}, program = findProgram('dockerd') } = options
  if (program === undefined) throw new Error('dockerd is neither in PATH nor in /usr/sbin')
  const directory = await mkdtemp(join(tmpdir(), 'regguard-engine-'))
  const namespace = options.namespace ?? (await makeNetworkNamespace())
  const socket = join(directory, 'docker.sock')
  const own = ['--data-root', join(directory, 'data'), '--exec-root', join(directory, 'exec')]
  const docker: Engine['docker'] = async (args, { input, env } = {}) => {
    const done = await execa(client(), ['-H', `unix://${socket}`, ...args], {
      ...(input === undefined ? { stdin: 'ignore' as const } : { input }),
      // Neither logins nor proxies of whoever runs the tests.
      env: { DOCKER_CONFIG: join(directory, 'client'), ...env },
    })
    return done.stdout
  }
  const clear = async () => {
    await namespace.remove()
    // dockerd leaves the namespace mounted that it gave to containers with `--network=host`.
    await unmountBelow(directory)
    await rm(directory, { recursive: true, force: true })
  }
  const start = () =>
    startProgram(
      [
        ...['nsenter', `--net=${namespace.path}`, program, '-H', `unix://${socket}`],
        ...['-p', join(directory, 'pid'), ...own, ...flags],
      ],
      {
        name: 'dockerd',
        env: { PATH: `${process.env.PATH}:/usr/sbin:/sbin`, ...env },
        ready: () => answers(docker),
      },
    )
  let daemon = await start().catch(async (error: unknown) => {
    await clear()
    throw error
  })
  return {
    ...{ socket, namespace, docker, log: () => daemon.output() },
    restart: async (between) => {
      await daemon.stop()
      await between?.()
      daemon = await start()
    },
    freeze: () => daemon.signal('SIGSTOP'),
    thaw: () => daemon.signal('SIGCONT'),
    kill: async () => {
      daemon.signal('SIGKILL')
      await until('dockerd has ended', () => daemon.ended() !== undefined)
      await endContainerd(join(directory, 'exec/containerd/containerd.pid'))
    },
    stop: async () => {
      if (daemon.ended() === undefined) await removeContainers(docker)
      await daemon.stop()
      await clear()
    },
  }
}

/**
 * Ends the containerd of a daemon that was killed. Where no init reaps it, Docker 20.10 takes the process that ended for one that
 * runs, and waits for it in vain: it must not find its number.
 */
async function endContainerd(pidFile: string): Promise<void> {
  const pid = await readFile(pidFile, 'utf8').catch(() => undefined)
  if (pid === undefined) return
  try {
    process.kill(Number(pid), 'SIGKILL')
  } catch {
    // It ended with the daemon.
  }
  await rm(pidFile)
}

/** Debian's own client before any other: it speaks to BuildKit itself, where later ones need a plugin beside them. */
function client(): string {
  return existsSync('/usr/bin/docker') ? '/usr/bin/docker' : 'docker'
}

async function removeContainers(docker: Engine['docker']): Promise<void> {
  const ids = (await docker(['ps', '-aq']).catch(() => '')).split('\n').filter(Boolean)
  if (ids.length > 0) await docker(['rm', '-fv', ...ids]).catch(() => {})
}

function answers(docker: Engine['docker']): Promise<boolean> {
  return docker(['version', '--format', '{{.Server.Version}}']).then(
    () => true,
    () => false,
  )
}
