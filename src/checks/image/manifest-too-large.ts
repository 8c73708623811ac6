import { bytesText } from '../../core/units.ts'
import { manifestsIn, objectOf, severityOf } from '../../facts/queries/image/graph.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'manifest-too-large',
  group: 'image',
  title: 'every manifest is within the size that clients accept',
  fault: 'Manifest too large: the manifest exceeds the size that clients accept, and was not read.',
  severity: 'error',
  advice:
    'Build the image with fewer entries or annotations; registries and clients refuse manifests over 4 MiB.',
  reads: ['image.manifests'],
  run: ({ image }) =>
    [...manifestsIn(image)].flatMap(({ repository, manifest }) => {
      const { observed, role, uses } = manifest
      if (!observed.seen || observed.value.state !== 'oversized') return []
      return [
        {
          ...objectOf(repository, manifest),
          ...(manifest.digest ? {} : { subject: uses[0]?.field ?? repository.name }),
          severity: severityOf(role),
          message: `larger than ${bytesText(observed.value.limitBytes)}`,
          expected: `at most ${bytesText(observed.value.limitBytes)}`,
        },
      ]
    }),
})
