import type { IncomingMessage, ServerResponse } from 'node:http'
import { type AuthMode, createAuth } from './auth.ts'
import { type Behaviour, wellBehaved } from './behaviour.ts'
import { corruptedResponse } from './corrupt.ts'
import { deliver } from './deliver.ts'
import { createFaults, type Faults } from './faults.ts'
import { bodyOf, lineOf } from './request-line.ts'
import { createLog, type LoggedRequest } from './request-log.ts'
import { route, targetOf } from './routes.ts'
import { listen, type TlsOptions } from './server.ts'
import { createStore, type Store } from './store.ts'
import type { Resource } from './types.ts'

export type { AuthMode } from './auth.ts'
export type { Fault } from './fault-types.ts'
export type { ActiveFault, Match } from './faults.ts'
export type { RequestLine } from './types.ts'

/** The variable parts of a registry. */
export type RegistryOptions = Partial<Behaviour> & {
  auth?: AuthMode
  tls?: TlsOptions
  /** The initial content; empty by default. Registries may share a store. */
  store?: Store
}

/** A registry in this process, on a real socket. */
export type EmbeddedRegistry = {
  /** `127.0.0.1:PORT`. */
  host: string
  url: string
  store: Store
  faults: Faults
  /** All requests, in the order they arrived. */
  requests: LoggedRequest[]
  /** Can be changed while the registry runs. */
  behaviour: Behaviour
  /** Revokes all tokens. */
  revokeTokens(): void
  close(): Promise<void>
}

/** Starts an in-memory registry on a free port of 127.0.0.1. */
export async function startRegistry(options: RegistryOptions = {}): Promise<EmbeddedRegistry> {
  const { auth: mode = { kind: 'none' }, tls, store = createStore(), ...traits } = options
  const behaviour: Behaviour = { ...wellBehaved, ...traits }
  const faults = createFaults()
  const log = createLog()

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const line = lineOf(request)
    const entry = log.begin(line)
    response.once('close', () => log.end(entry))
    response.on('error', () => {})
    const target = targetOf(line.pathname)
    const resource =
      auth.tokenAnswer(line, await bodyOf(request)) ??
      auth.refusal(line, target) ??
      route(line, target, store, behaviour)
    const answer = corruptedResponse(line, withVersion(resource), faults.take(line))
    const unanswered = answer.delivery.hang || answer.delivery.resetAfter === 'nothing'
    if (!unanswered) entry.status = answer.status
    await deliver(answer, response, line.method === 'HEAD')
  }

  const server = await listen((request, response) => {
    handle(request, response).catch(() => response.socket?.destroy())
  }, tls)
  const auth = createAuth(mode, server.url)
  return {
    ...server,
    store,
    faults,
    requests: log.entries,
    behaviour,
    revokeTokens: auth.revokeTokens,
  }
}

function withVersion(resource: Resource): Resource {
  return { ...resource, headers: { 'docker-distribution-api-version': 'registry/2.0', ...resource.headers } }
}
