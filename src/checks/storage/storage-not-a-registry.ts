import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'storage-not-a-registry',
  group: 'storage',
  title: 'the folder is the storage of a registry',
  fault: 'Not a registry: the folder does not hold the storage of one.',
  severity: 'error',
  advice:
    'Name the folder that holds docker/registry/v2: the registry names it as storage.filesystem.rootdirectory. One that nothing was pushed to has none yet.',
  reads: ['storage.layout'],
  run: ({ storage: { root, layout, instead } }) => {
    if (layout.seen || !layout.remedies.includes('storage-mount')) return []
    return [
      {
        subject: root,
        message: layout.why,
        ...(instead === undefined
          ? {}
          : {
              evidence: [`${instead} holds one`],
              advice: `Name ${instead} instead, if that is the registry.`,
            }),
      },
    ]
  },
})
