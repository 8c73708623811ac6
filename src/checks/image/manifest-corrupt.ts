import { manifestsIn, objectOf, severityOf } from '../../facts/queries/image/graph.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'manifest-corrupt',
  group: 'image',
  title: "every manifest's bytes match its digest",
  fault: 'Manifests hold other bytes than were pushed: bit rot, or tampering.',
  severity: 'error',
  advice:
    "Move the manifest's file away on the registry and restart it (a push skips what it believes it has), push again, and check the disk.",
  reads: ['image.manifests'],
  run: ({ image }) =>
    [...manifestsIn(image)].flatMap(({ repository, manifest }) => {
      const { observed, role, digest } = manifest
      if (!observed.seen || observed.value.state !== 'altered') return []
      const lies = observed.value.headerDigest === digest
      return [
        {
          ...objectOf(repository, manifest),
          severity: severityOf(role),
          message: 'the bytes of the manifest have another digest',
          expected: digest,
          actual: observed.value.actual,
          evidence: lies ? ['its Docker-Content-Digest header tells the expected digest all the same'] : [],
          cause: repository.registry,
        },
      ]
    }),
})
