import { manifestsIn, objectOf } from '../../facts/queries/image/graph.ts'
import { refusalsText } from '../../oci/clients/refusals.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'digest-not-served',
  group: 'registry',
  title: 'every tag leads to a manifest that is served by its digest',
  fault:
    'Digest not served: the registry serves a manifest by its tag, but not by its digest, which runtimes request next.',
  severity: 'error',
  advice:
    'Push the image again; if it stays so, look at the cache or the replication in front of the registry: it has the tag without its manifest.',
  reads: ['image.manifests'],
  run: ({ image }) =>
    [...manifestsIn(image)].flatMap(({ repository, manifest }) => {
      const { observed, byDigest } = manifest
      if (!observed.seen || observed.value.state !== 'read') return []
      if (!byDigest?.get?.seen || byDigest.get.value.state === 'served') return []
      const answer = byDigest.get.value.state === 'absent' ? 'with HTTP 404' : 'with other bytes'
      return [
        {
          ...objectOf(repository, manifest),
          message: `the tag is served, its digest is answered ${answer}`,
          cause: repository.name,
          because: refusalsText('digest-not-served'),
        },
      ]
    }),
})
