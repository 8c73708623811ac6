import { manifestsIn, objectOf, severityOf } from '../../facts/queries/image/graph.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'manifest-corrupt',
  group: 'image',
  title: 'the bytes of every manifest match its digest',
  fault: 'Corrupt manifest: the bytes served do not match the digest (bit rot or tampering).',
  severity: 'error',
  advice:
    "On the registry host, move the manifest's file out of the storage and restart the registry (a push skips blobs it believes to exist); then push again and check the disk.",
  reads: ['image.manifests'],
  run: ({ image }) =>
    [...manifestsIn(image)].flatMap(({ repository, manifest }) => {
      const { observed, role, digest } = manifest
      if (!observed.seen || observed.value.state !== 'altered') return []
      const repeated = observed.value.headerDigest === digest
      return [
        {
          ...objectOf(repository, manifest),
          severity: severityOf(role),
          message: 'the bytes of the manifest do not match the digest',
          expected: digest,
          actual: observed.value.actual,
          evidence: repeated ? ['the Docker-Content-Digest header repeats the expected digest anyway'] : [],
          cause: repository.registry,
        },
      ]
    }),
})
