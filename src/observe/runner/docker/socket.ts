import { stat } from 'node:fs/promises'
import type { SocketState } from '../../../facts/runner.ts'
import type { Env } from '../../../settings/sources.ts'
import { type Found, openApi } from './api.ts'

export interface OpenOptions {
  /** The setting `docker_socket`: a path, or `unix://` and a path. */
  setting?: string
  env: Env
  uid: number
  signal: AbortSignal
}

/**
 * Looks for an engine's socket and asks who is there: where the setting says, else where `DOCKER_HOST` says, else at the
 * usual places of Docker and Podman. `api` is given where an engine answers; whoever got it closes it.
 */
export async function openEngine(options: OpenOptions): Promise<Found> {
  const { paths, refused } = socketPaths(options)
  let best: SocketState | undefined = refused
  for (const path of paths) {
    const found = await openSocket(path, options.signal)
    if (found.api) return found
    if (best === undefined || (best.state === 'absent' && found.socket.state !== 'absent'))
      best = found.socket
  }
  return { socket: best ?? { state: 'absent', path: usual } }
}

const usual = '/var/run/docker.sock'

/** The places to look at, in this order; `refused` where something else than a Unix socket is named. */
export function socketPaths({ setting, env, uid }: Omit<OpenOptions, 'signal'>): {
  paths: string[]
  refused?: SocketState
} {
  if (setting) return named(setting, 'docker_socket')
  const told = env.DOCKER_HOST ? named(env.DOCKER_HOST, 'DOCKER_HOST') : { paths: [] }
  if (told.paths.length > 0) return told
  const home = env.XDG_RUNTIME_DIR ?? `/run/user/${uid}`
  const paths = [usual, '/run/podman/podman.sock', `${home}/docker.sock`, `${home}/podman/podman.sock`]
  return { ...told, paths }
}

/** An address may hold a user's name and password: only its scheme is told. */
function named(value: string, by: string): { paths: string[]; refused?: SocketState } {
  const path = value.startsWith('unix://') ? value.slice('unix://'.length) : value
  if (path.startsWith('/')) return { paths: [path] }
  const scheme = /^[a-z]+:\/\//.exec(value)?.[0]
  const what = scheme === undefined ? 'no absolute path' : `${scheme}…`
  const why = `it names ${what}; only Unix sockets are asked`
  return { paths: [], refused: { state: 'useless', path: by, why } }
}

async function openSocket(path: string, signal: AbortSignal): Promise<Found> {
  const about = await stat(path).catch((error: NodeJS.ErrnoException) => error.code ?? 'unknown')
  if (about === 'ENOENT' || about === 'ENOTDIR') return { socket: { state: 'absent' as const, path } }
  if (about === 'EACCES') return { socket: { state: 'unreadable' as const, path, group: 0 } }
  if (typeof about === 'string') return useless(path, about)
  // Engines make a directory where the source of a volume is missing.
  if (about.isDirectory())
    return useless(path, 'a directory is there, as an engine makes one for a volume without source')
  if (!about.isSocket()) return useless(path, 'what is there is no socket')
  return openApi(path, about.gid, signal)
}

const useless = (path: string, why: string): Found => ({ socket: { state: 'useless', path, why } })
