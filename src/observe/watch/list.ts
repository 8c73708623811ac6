import type { Failure } from '../../core/failure.ts'
import { type Observed, seen, unseen } from '../../core/observed.ts'
import { isRepositoryPath, isTag } from '../../oci/reference.ts'
import { failure } from '../http/failures.ts'
import { asForbidden, listNames, refusedTags } from '../image/catalog.ts'
import type { Registry } from '../registry/registry.ts'

/** What to do where one process cannot watch all that a registry lists. */
const remedy =
  ' for one process: set shards, so that several processes share them, or name in repo those that are to be watched'

/**
 * The repositories that a registry lists and that are wanted; of the others only the number is kept. Names that no registry accepts in
 * a request are left out and counted.
 */
export async function listRepositories(
  registry: Registry,
  isWanted: (name: string) => boolean,
): Promise<Observed<{ names: string[]; valid: number; invalid: number }>> {
  let [valid, invalid] = [0, 0]
  const wanted = (name: string): boolean => {
    if (!isRepositoryPath(name)) {
      invalid += 1
      return false
    }
    valid += 1
    return isWanted(name)
  }
  const all = await listNames(registry, '', 'repositories', { isWanted: wanted, maxPages: 20_000, remedy })
  const listed = await asForbidden(registry, all)
  if (!listed.seen) return listed
  if (listed.value.state === 'refused') {
    const { status, code } = listed.value.refusal
    const kind = status === 401 || status === 403 ? 'access-denied' : 'answer-invalid'
    return unseen(
      withStatus(failure(kind, registry.host, 'headers', `its catalog: ${status} ${code}`.trimEnd()), status),
    )
  }
  return seen({ names: listed.value.names, valid, invalid })
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
