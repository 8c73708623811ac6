import { defineCheck } from '../../core/model.ts'
import { bytesText } from '../../core/units.ts'
import { manifestsIn, objectOf, severityOf } from '../../facts/queries/image/graph.ts'

export default defineCheck({
  id: 'manifest-too-large',
  group: 'image',
  title: 'every manifest is of a size that clients accept',
  fault: 'A manifest is larger than clients accept, and was not read.',
  severity: 'error',
  advice:
    'Build the image with fewer entries or annotations; registries and clients refuse manifests over 4 MiB.',
  needs: ['image'],
  run: ({ image }) =>
    [...manifestsIn(image)].flatMap(({ repository, manifest }) => {
      const { sight, role, uses } = manifest
      if (!sight.seen || sight.value.state !== 'oversized') return []
      return [
        {
          ...objectOf(repository, manifest),
          ...(manifest.digest ? {} : { subject: uses[0]?.field ?? repository.name }),
          severity: severityOf(role),
          message: `it is larger than ${bytesText(sight.value.limitBytes)}`,
          expected: `at most ${bytesText(sight.value.limitBytes)}`,
        },
      ]
    }),
})
