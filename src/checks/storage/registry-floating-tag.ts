import { isFloating } from '../../facts/queries/storage/registry-image.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'registry-floating-tag',
  group: 'storage',
  title: 'the registry runs a fixed version',
  fault: 'Floating tag: the next pull may replace the version of the registry.',
  severity: 'note',
  advice: 'Run the registry from the tag of a complete version, and change it on purpose.',
  reads: ['storage.registry'],
  run: ({ storage: { registry } }) => {
    if (!registry?.seen || !isFloating(registry.value.image)) return []
    const { name, image, version, replacedBy } = registry.value
    const isExact = version !== undefined && version.from !== 'tag'
    return [
      {
        subject: image,
        message: `the container ${name} runs ${isExact ? `version ${version.text} from ` : ''}${image}, a tag that moves`,
        ...(replacedBy === undefined
          ? {}
          : {
              evidence: [
                `on this host ${image} is another image by now${
                  replacedBy.version === undefined ? '' : `, version ${replacedBy.version}`
                }: it runs once the container is created anew`,
              ],
            }),
        ...(isExact
          ? { advice: `Pin the version that runs: ${pinned(image, version.text)}. Change it on purpose.` }
          : {}),
      },
    ]
  },
})

/** The same image with this version as its tag. */
const pinned = (image: string, version: string): string => `${image.replace(/:[^:/]*$/, '')}:${version}`
