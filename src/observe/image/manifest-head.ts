import type { Observed } from '../../core/model.ts'
import { parseDigest } from '../../oci/digest.ts'
import { acceptedManifests } from '../../oci/media-types.ts'
import { seen } from '../http/failures.ts'
import type { Reply } from '../http/response.ts'
import type { Registry } from '../registry/registry.ts'

/** Some registries know no HEAD, or refuse it where GET is allowed: such an answer says nothing. */
const noAnswer = [400, 403, 405, 501]

/** Asks for a manifest with HEAD, which proves that it is listed, and nothing of its bytes. */
export function headManifest<T>(
  registry: Registry,
  repository: string,
  name: string,
  read: (reply: Reply) => Promise<Observed<T>>,
): Promise<Observed<T>> {
  const ask = { method: 'HEAD', path: `manifests/${name}`, headers: { accept: acceptedManifests } } as const
  return registry.ask(repository, ask, read, noAnswer)
}

/** The digest that a HEAD names; '' where it names none. */
export async function headDigest(reply: Reply): Promise<Observed<string>> {
  reply.discard()
  const digest = reply.status === 200 ? (reply.header('docker-content-digest') ?? '') : ''
  return seen(parseDigest(digest) ? digest : '')
}

/** Whether a HEAD says that it is there. */
export async function presence(
  reply: Reply,
): Promise<Observed<{ state: 'listed' | 'absent' | 'unanswered' }>> {
  reply.discard()
  if (reply.status === 404) return seen({ state: 'absent' })
  return seen({ state: reply.status === 200 ? 'listed' : 'unanswered' })
}
