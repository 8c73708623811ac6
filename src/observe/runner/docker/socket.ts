import { stat } from 'node:fs/promises'
import type { SocketState } from '../../../facts/runner.ts'
import type { Env } from '../../../settings/sources.ts'
import { type EngineConnection, openApi } from './api.ts'

export interface OpenOptions {
  /** The setting `docker_socket`: a path, or `unix://` and a path. */
  setting?: string
  env: Env
  uid: number
  signal: AbortSignal
}

/**
 * Finds an engine's socket and connects to it: the one in the setting, else in `DOCKER_HOST`, else the default sockets of
 * Docker and Podman. `api` is set where an engine answers; the caller closes it.
 */
export async function openEngine(options: OpenOptions): Promise<EngineConnection> {
  const { paths, refused } = socketPaths(options)
  let best: SocketState | undefined = refused
  for (const path of paths) {
    const connection = await openSocket(path, options.signal)
    if (connection.api) return connection
    if (best === undefined || (best.state === 'absent' && connection.socket.state !== 'absent'))
      best = connection.socket
  }
  return { socket: best ?? { state: 'absent', path: defaultPath } }
}

const defaultPath = '/var/run/docker.sock'

/** The sockets to try, in this order; `refused` where the setting or `DOCKER_HOST` does not name a Unix socket. */
export function socketPaths({ setting, env, uid }: Omit<OpenOptions, 'signal'>): {
  paths: string[]
  refused?: SocketState
} {
  if (setting) return socketPathIn(setting, 'docker_socket')
  const fromEnv = env.DOCKER_HOST ? socketPathIn(env.DOCKER_HOST, 'DOCKER_HOST') : { paths: [] }
  if (fromEnv.paths.length > 0) return fromEnv
  const home = env.XDG_RUNTIME_DIR ?? `/run/user/${uid}`
  const paths = [defaultPath, '/run/podman/podman.sock', `${home}/docker.sock`, `${home}/podman/podman.sock`]
  return { ...fromEnv, paths }
}

/** Messages show only the scheme of an address: the rest may contain a user name and a password. */
function socketPathIn(value: string, by: string): { paths: string[]; refused?: SocketState } {
  const path = value.startsWith('unix://') ? value.slice('unix://'.length) : value
  if (path.startsWith('/')) return { paths: [path] }
  const scheme = /^[a-z]+:\/\//.exec(value)?.[0]
  const problem = scheme === undefined ? 'not an absolute path' : `${scheme}…`
  const why = `${problem}: only Unix sockets are supported`
  return { paths: [], refused: { state: 'useless', path: by, why } }
}

async function openSocket(path: string, signal: AbortSignal): Promise<EngineConnection> {
  const about = await stat(path).catch((error: NodeJS.ErrnoException) => error.code ?? 'unknown')
  if (about === 'ENOENT' || about === 'ENOTDIR') return { socket: { state: 'absent' as const, path } }
  if (about === 'EACCES') return { socket: { state: 'unreadable' as const, path, group: 0 } }
  if (typeof about === 'string') return useless(path, about)
  // Engines create a directory where the source of a volume does not exist.
  if (about.isDirectory())
    return useless(path, 'a directory, which engines create when the source of a volume does not exist')
  if (!about.isSocket()) return useless(path, 'not a socket')
  return openApi(path, about.gid, signal)
}

const useless = (path: string, why: string): EngineConnection => ({ socket: { state: 'useless', path, why } })
