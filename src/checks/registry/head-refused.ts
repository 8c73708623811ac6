import type { Fault } from '../../core/finding.ts'
import type { Observed } from '../../core/observed.ts'
import type { ManifestHead, RepositoryFact, TargetFact } from '../../facts/image.ts'
import { isPinned, manifestsIn, objectOf } from '../../facts/queries/image/graph.ts'
import { refusalsText } from '../../oci/clients/refusals.ts'
import { referenceName } from '../../oci/reference.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'head-refused',
  group: 'registry',
  title: 'every image can be resolved with HEAD',
  fault:
    'HEAD refused: the registry answers GET for this manifest, but not HEAD, with which runtimes resolve an image.',
  severity: 'error',
  advice:
    'Allow HEAD wherever GET is allowed for /v2/: look for a method filter, a cache or a firewall in front of the registry.',
  reads: ['image.targets', 'image.manifests'],
  run: ({ image }) => [
    ...image.targets.flatMap(tagRefused),
    ...[...manifestsIn(image)].flatMap(({ repository, manifest }): Fault[] => {
      const { byDigest } = manifest
      if (!byDigest || (byDigest.get && !(byDigest.get.seen && byDigest.get.value.state === 'served')))
        return []
      // Only clients that are given the digest ask for it with HEAD.
      const severity = isPinned(manifest) ? 'error' : 'warning'
      return faultsFor(
        byDigest.head,
        { ...objectOf(repository, manifest), severity },
        repository,
        'Pulls by digest',
      )
    }),
  ],
})

/**
 * True for a status that refuses HEAD itself. containerd repeats with GET what was answered 405; a limit (429) or an outage (502, 503,
 * 504) says nothing of HEAD, and the GET that was answered shows that it passed.
 */
const isRefusal = (status: number): boolean =>
  (status >= 400 && status < 500 && status !== 405 && status !== 429) || status === 500 || status === 501

function tagRefused({ target, first, head, last }: TargetFact): Fault[] {
  if (!head || !first.seen || !last?.seen || last.value.state !== 'found') return []
  return faultsFor(head, { subject: referenceName(target.reference) }, target.reference)
}

function faultsFor(
  head: Observed<ManifestHead>,
  object: Partial<Fault> & Pick<Fault, 'subject'>,
  { registry }: Pick<RepositoryFact, 'registry'>,
  pulls?: string,
): Fault[] {
  const status = head.seen ? head.value.status : head.why.status
  if (status === undefined || !isRefusal(status)) return []
  const answer = `HTTP ${status}`
  return [
    {
      ...object,
      message: `HEAD: ${answer}, GET: HTTP 200`,
      expected: 'the same answer to HEAD and GET',
      actual: answer,
      cause: registry,
      because: refusalsText('head-refused', pulls),
    },
  ]
}
