import { documentOf, manifestOf, manifestsIn, objectOf } from '../../facts/queries/image/graph.ts'
import { refusalsText } from '../../oci/clients/refusals.ts'
import { isRunnable } from '../../oci/runnable.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'index-without-platforms',
  group: 'image',
  title: 'every index states the platform of its images',
  fault: 'Index without platforms: the index states no platform for its images, so some clients find none.',
  severity: 'note',
  advice: 'Push the index again with a tool that states the platforms: “docker buildx imagetools create”.',
  reads: ['image.manifests'],
  run: ({ image }) =>
    [...manifestsIn(image)].flatMap(({ repository, manifest }) => {
      const document = documentOf(manifest)
      if (manifest.role !== 'image' || document?.kind !== 'index') return []
      const images = document.children.filter((child) => {
        const of = manifestOf(repository, child.digest)
        const childDocument = of && documentOf(of)
        return of?.role === 'image' && childDocument !== undefined && isRunnable(childDocument)
      })
      if (images.length === 0 || images.some(({ platform }) => platform?.architecture)) return []
      return [
        {
          ...objectOf(repository, manifest),
          message: 'no entry of an image has a platform',
          cause: repository.name,
          because: refusalsText('index-without-platforms'),
        },
      ]
    }),
})
