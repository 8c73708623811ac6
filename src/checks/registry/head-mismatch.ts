import type { Fault } from '../../core/finding.ts'
import type { Observed } from '../../core/observed.ts'
import type { ImageFact, ManifestFact, ManifestHead, RepositoryFact } from '../../facts/image.ts'
import { isPinned, manifestOf, manifestsIn, objectOf } from '../../facts/queries/image/graph.ts'
import { type RefusalId, refusalsText } from '../../oci/clients/refusals.ts'
import { isManifestType } from '../../oci/media-types.ts'
import { referenceName, repositoryName } from '../../oci/reference.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'head-mismatch',
  group: 'registry',
  title: 'HEAD and GET describe the same manifest',
  fault:
    'HEAD differs from GET: the headers of HEAD describe another manifest than GET serves, and runtimes rely on them.',
  severity: 'error',
  advice:
    'Look at the cache or proxy in front of the registry: it must answer HEAD with the headers that GET has, Content-Length included.',
  reads: ['image.targets', 'image.manifests'],
  run: ({ image }) => [
    ...tagsIn(image),
    ...[...manifestsIn(image)].flatMap(({ repository, manifest }) =>
      manifest.byDigest ? faultsFor(manifest.byDigest.head, { repository, manifest, byDigest: true }) : [],
    ),
  ],
})

/** Tags that still refer to the manifest that was read. */
const tagsIn = (image: ImageFact): Fault[] =>
  image.targets.flatMap(({ target, first, last, head }) => {
    if (!head || !first.seen || first.value.state !== 'found' || !last?.seen) return []
    if (last.value.state !== 'found' || last.value.digest !== first.value.digest) return []
    const repository = image.repositories.find(({ name }) => name === repositoryName(target.reference))
    const manifest = repository && manifestOf(repository, first.value.digest)
    if (!manifest) return []
    const subject = referenceName(target.reference)
    return faultsFor(head, { repository, manifest }).map((fault) => ({ ...fault, subject }))
  })

function faultsFor(
  head: Observed<ManifestHead>,
  {
    repository,
    manifest,
    byDigest = false,
  }: { repository: RepositoryFact; manifest: ManifestFact; byDigest?: boolean },
): Fault[] {
  const { observed, digest } = manifest
  if (!head.seen || head.value.status !== 200 || !observed.seen || observed.value.state !== 'read') return []
  // Without a digest for a tag, clients ignore the other headers and ask with GET.
  if (!byDigest && head.value.digest === '') return []
  const wrong = differences(head.value, digest, observed.value).filter(
    (one) => !byDigest || isReadByDigest(one),
  )
  const [first] = wrong
  if (!first) return []
  return [
    {
      ...objectOf(repository, manifest),
      message: 'HEAD and GET differ',
      expected: wrong.map(({ header, ofGet }) => `${header}: ${ofGet}`).join('; '),
      actual: wrong
        .map(({ header, ofHead }) => (ofHead === undefined ? `no ${header}` : `${header}: ${ofHead}`))
        .join('; '),
      cause: repository.registry,
      // Only clients that are given the digest ask for it with HEAD.
      ...(byDigest && !isPinned(manifest) ? { severity: 'warning' as const } : {}),
      because: refusalsText(first.refusal, byDigest ? 'Pulls by digest' : undefined),
    },
  ]
}

/** Of a HEAD by digest, containerd reads the type, and the length if there is one; the digest it knows. */
const isReadByDigest = ({ header, ofHead }: Difference): boolean =>
  header === 'Content-Type' || (header === 'Content-Length' && ofHead !== undefined)

interface Difference {
  header: string
  ofHead: string | number | undefined
  ofGet: string | number
  refusal: RefusalId
}

function differences(
  head: ManifestHead,
  digest: string,
  { contentType, sizeBytes }: { contentType: string; sizeBytes: number },
): Difference[] {
  const { lengthBytes } = head
  const fields: (Difference | false)[] = [
    // What GET states wrongly itself is another finding.
    isManifestType(contentType) && {
      header: 'Content-Type',
      ofHead: head.contentType || undefined,
      ofGet: contentType,
      refusal: head.contentType === '' ? 'head-type' : 'content-type-foreign',
    },
    { header: 'Docker-Content-Digest', ofHead: head.digest, ofGet: digest, refusal: 'head-digest' },
    !head.encoded && {
      header: 'Content-Length',
      ofHead: lengthBytes,
      ofGet: sizeBytes,
      refusal:
        lengthBytes === undefined
          ? 'head-length-missing'
          : lengthBytes === 0
            ? 'head-length-zero'
            : 'head-length',
    },
  ]
  return fields.filter((field) => field !== false).filter(({ ofHead, ofGet }) => ofHead !== ofGet)
}
