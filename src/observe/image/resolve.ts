import * as z from 'zod'
import type { Observed } from '../../core/observed.ts'
import { seen } from '../../core/observed.ts'
import type { OtherTags, Resolution, Target, TargetFact } from '../../facts/image.ts'
import { nextPage } from '../../net/link.ts'
import { readBody } from '../http/body.ts'
import type { Registry } from '../registry/registry.ts'
import { type ManifestAnswer, readManifest } from './manifest.ts'
import { headManifest, readHead } from './manifest-head.ts'

/** What a target refers to, from the manifest that was read for it. */
export function resolutionOf(answer: ManifestAnswer, waitedMs: number): Resolution {
  const { observed, digest } = answer
  if (observed.state === 'absent') return { state: 'absent', refusal: observed.refusal, waitedMs }
  return { state: 'found', digest, sizeBytes: 'sizeBytes' in observed ? observed.sizeBytes : 0 }
}

/** The tag or digest that a target is requested by. */
export const requestedName = ({ reference }: Target): string => reference.digest ?? reference.tag ?? 'latest'

/**
 * Resolves a tag once more. A HEAD is enough while its digest is the same as before; a different digest in a header is believed
 * only after the bytes were hashed.
 */
export async function resolveAgain(
  registry: Registry,
  repository: string,
  tag: string,
  before: string,
): Promise<Required<Pick<TargetFact, 'head' | 'last'>>> {
  const head = await headManifest(registry, repository, tag, readHead)
  if (head.seen && head.value.status === 200 && head.value.digest === before)
    return { head, last: seen({ state: 'found', digest: before, sizeBytes: 0 }) }
  if (!head.seen && head.why.kind === 'run-stopped') return { head, last: head }
  const read = await readManifest(registry, repository, tag, () => {})
  return { head, last: read.seen ? seen(resolutionOf(read.value, 0)) : read }
}

const tagList = z.object({ tags: z.array(z.string()).nullish() })

/** The tags of a repository, to distinguish a missing tag from a missing repository; undefined if they cannot be listed. */
export async function readOtherTags(registry: Registry, repository: string): Promise<OtherTags | undefined> {
  const request = { method: 'GET', path: 'tags/list?n=100' } as const
  const listed = await registry.request(
    repository,
    request,
    async (response): Promise<Observed<OtherTags | undefined>> => {
      const { more } = nextPage(response.headers('link'))
      const { status } = response
      const body = await readBody(response, 1024 * 1024)
      if (status !== 200 || body.end !== 'whole') return seen(undefined)
      try {
        const parsed = tagList.safeParse(JSON.parse(body.bytes.toString('utf8')))
        return seen(parsed.success ? { tags: parsed.data.tags ?? [], more } : undefined)
      } catch {
        return seen(undefined)
      }
    },
  )
  return listed.seen ? listed.value : undefined
}
