import { stat } from 'node:fs/promises'
import type { CachedFact } from '../../facts/path/cached.ts'
import { type Reference, referenceName, repositoryName } from '../../oci/reference.ts'
import { fieldsOf, listOf } from '../runner/docker/response.ts'
import { type OpenOptions, openEngine } from '../runner/docker/socket.ts'

/** More than a run has images to explain. */
const maxImages = 20

/** Which of these images the engine at the socket has already; empty where no engine answers. */
export async function observeCached(
  references: readonly Reference[],
  options: Omit<OpenOptions, 'uid'>,
): Promise<CachedFact[]> {
  if (references.length === 0) return []
  const { api } = await openEngine({ ...options, uid: (await stat('/proc/self')).uid })
  if (!api) return []
  try {
    const found = await Promise.all(
      references.slice(0, maxImages).map(async (reference): Promise<CachedFact[]> => {
        const name = referenceName(reference)
        const response = await api.get(`/images/${name}/json`)
        if (!response.ok) return []
        const digest = digestIn(response.value, repositoryName(reference))
        return [{ reference: name, ...(digest === undefined ? {} : { digest }) }]
      }),
    )
    return found.flat()
  } finally {
    await api.close()
  }
}

/** The digest of a repository among `RepoDigests`, where Docker Hub's images are without their host. */
function digestIn(image: unknown, repository: string): string | undefined {
  const hub = repository.replace(/^docker\.io\/(?:library\/)?/, '')
  for (const entry of listOf(fieldsOf(image).RepoDigests)) {
    const [name, digest] = typeof entry === 'string' ? entry.split('@') : []
    if (name === repository || name === hub) return digest
  }
  return undefined
}
