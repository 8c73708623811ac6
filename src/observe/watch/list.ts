import type { Failure } from '../../core/failure.ts'
import { type Observed, seen, unseen } from '../../core/observed.ts'
import { isRepositoryPath, isTag } from '../../oci/reference.ts'
import { failure } from '../http/failures.ts'
import { asForbidden, listNames, refusedTags } from '../image/catalog.ts'
import type { Registry } from '../registry/registry.ts'

/** All repositories that a registry lists. Names that no registry accepts in a request are left out and counted. */
export async function listRepositories(
  registry: Registry,
): Promise<Observed<{ names: string[]; invalid: number }>> {
  const listed = await asForbidden(registry, await listNames(registry, '', 'repositories'))
  if (!listed.seen) return listed
  if (listed.value.state === 'refused') {
    const { status, code } = listed.value.refusal
    const kind = status === 401 || status === 403 ? 'access-denied' : 'answer-invalid'
    return unseen(
      withStatus(failure(kind, registry.host, 'headers', `its catalog: ${status} ${code}`.trimEnd()), status),
    )
  }
  const names = listed.value.names.filter(isRepositoryPath)
  return seen({ names, invalid: listed.value.names.length - names.length })
}

/** The tags of a repository; undefined where it does not exist. */
export async function listTags(
  registry: Registry,
  repository: string,
): Promise<Observed<string[] | undefined>> {
  const listed = await listNames(registry, repository, 'tags')
  if (!listed.seen) return listed
  const why = refusedTags(listed.value, registry.host)
  if (why) return unseen(why)
  return seen(listed.value.state === 'listed' ? listed.value.names.filter(isTag) : undefined)
}

const withStatus = (why: Failure, status: number): Failure => ({ ...why, status })
