import * as z from 'zod'
import { isRepositoryPath } from '../oci/reference.ts'

/** A repository that a notification names, and the registry as the notification calls it, if it does. */
export interface NamedRepository {
  registry?: string
  repository: string
}

/** Distribution's envelope (docs/content/about/notifications.md). */
const distribution = z.object({
  events: z.array(
    z.object({
      action: z.string(),
      target: z.object({ repository: z.string() }),
      request: z.object({ host: z.string() }).partial().optional(),
    }),
  ),
})

/** Harbor's webhook; `repo_full_name` has no host. */
const harbor = z.object({
  type: z.string(),
  event_data: z.object({ repository: z.object({ repo_full_name: z.string() }) }),
})

/**
 * The repositories in which something was pushed or deleted; undefined for what is no notification. It is a hint, and never a
 * fact: all that it names is asked for again, and nothing that is no name of a repository.
 */
export const parseEvents = (text: string): NamedRepository[] | undefined =>
  namedIn(text)?.filter(({ repository }) => isRepositoryPath(repository))

function namedIn(text: string): NamedRepository[] | undefined {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return undefined
  }
  const own = distribution.safeParse(json)
  if (own.success)
    return own.data.events
      .filter(({ action }) => action === 'push' || action === 'delete')
      .map(({ target, request }) => ({
        repository: target.repository,
        ...(request?.host ? { registry: request.host } : {}),
      }))
  const other = harbor.safeParse(json)
  if (!other.success) return undefined
  const { type, event_data: data } = other.data
  return /^(?:PUSH|DELETE)_ARTIFACT$/.test(type) ? [{ repository: data.repository.repo_full_name }] : []
}
