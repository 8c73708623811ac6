import { failure, json, unknownPath } from './answers.ts'
import type { Behaviour } from './behaviour.ts'
import { bodyOf, type Descriptor, descriptorOf, type ManifestContent } from './images/image-content.ts'
import { documentTypes } from './images/image-media-types.ts'
import type { Store } from './store.ts'
import type { RequestLine, Resource } from './types.ts'

/** `/v2/_catalog`. */
export function catalog(line: RequestLine, store: Store, behaviour: Behaviour): Resource {
  if (!behaviour.catalog) return unknownPath()
  const page = pageOf(line, store.repositories(), behaviour)
  if (page === undefined) return badPageSize()
  return json(200, { repositories: page.items }, linkTo(line, page))
}

/** `/v2/<name>/tags/list`. */
export function tagsList(line: RequestLine, name: string, store: Store, behaviour: Behaviour): Resource {
  const tags = store.tags(name)
  if (tags === undefined) {
    return failure(404, 'NAME_UNKNOWN', 'repository name not known to registry')
  }
  if (tags.length === 0) return json(200, { name, tags: null })
  if (!behaviour.tagPages) return json(200, { name, tags })
  const page = pageOf(line, tags.toSorted(), behaviour)
  if (page === undefined) return badPageSize()
  return json(200, { name, tags: page.items }, linkTo(line, page))
}

/** `/v2/<name>/referrers/<digest>`. */
export function referrers(line: RequestLine, name: string, digest: string, store: Store): Resource {
  const wanted = line.query.get('artifactType')
  const manifests = store
    .manifests(name)
    .filter((manifest) => subjectOf(manifest) === digest)
    .map(referrerDescriptorOf)
    .filter(({ artifactType }) => wanted === null || artifactType === wanted)
  return json(
    200,
    { schemaVersion: 2, mediaType: documentTypes.oci.index, manifests },
    {
      'content-type': documentTypes.oci.index,
      ...(wanted !== null && { 'oci-filters-applied': 'artifactType' }),
    },
  )
}

type Page = { items: string[]; next?: { n: number; last: string } }

function pageOf(line: RequestLine, all: string[], behaviour: Behaviour): Page | undefined {
  const asked = line.query.get('n')
  if (asked !== null && !/^\d{1,3}$|^1000$/.test(asked)) return undefined
  const size = Math.min(asked === null ? behaviour.pageSize : Number(asked), behaviour.pageSize)
  const last = line.query.get('last')
  const rest = last === null ? all : all.filter((item) => item > last)
  const items = rest.slice(0, size)
  const end = items.at(-1)
  return rest.length > size && end !== undefined ? { items, next: { n: size, last: end } } : { items }
}

function linkTo(line: RequestLine, page: Page): { link?: string } {
  if (page.next === undefined) return {}
  const query = new URLSearchParams({ last: page.next.last, n: String(page.next.n) })
  return { link: `<${line.pathname}?${query}>; rel="next"` }
}

function badPageSize(): Resource {
  return failure(400, 'PAGINATION_NUMBER_INVALID', 'invalid number of results requested')
}

function subjectOf(manifest: ManifestContent): string | undefined {
  try {
    return bodyOf(manifest).subject?.digest
  } catch {
    // The store accepts any bytes as a manifest; those that are not JSON have no subject.
    return undefined
  }
}

function referrerDescriptorOf(manifest: ManifestContent): Descriptor {
  const { artifactType, config, annotations } = bodyOf(manifest)
  const type = artifactType ?? config?.mediaType
  return descriptorOf(manifest, {
    ...(type && { artifactType: type }),
    ...(annotations && { annotations }),
  })
}
