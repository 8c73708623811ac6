import { manifestsIn, objectOf, severityOf } from '../../facts/queries/image/graph.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'child-not-linked',
  group: 'image',
  title: 'every manifest that an index lists is linked in its repository',
  fault:
    'Missing link: manifests that an index lists exist in the registry, but are not linked in this repository.',
  severity: 'error',
  advice: 'Copy the image again from the repository that has it: “skopeo copy --all” or “crane copy”.',
  reads: ['image.manifests'],
  run: ({ image }, { mirror }) =>
    [...manifestsIn(image)].flatMap(({ repository, manifest }) => {
      const { role, observed } = manifest
      if (mirror || !observed.seen || observed.value.state !== 'absent') return []
      const [other] = observed.value.elsewhere
      if (other === undefined) return []
      return [
        {
          ...objectOf(repository, manifest),
          severity: severityOf(role),
          message: `${observed.value.refusal.status} here, but ${repository.registry}/${other} serves it`,
          cause: `${repository.name} from ${other}`,
          because: `${repository.registry}/${other} serves the same digest: the data exists, only the link of this repository is missing.`,
        },
      ]
    }),
})
