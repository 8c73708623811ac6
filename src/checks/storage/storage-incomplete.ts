import { defineCheck } from '../define.ts'

const holds = { blobs: 'all layers and manifests', repositories: 'all tags and links' }

export default defineCheck({
  id: 'storage-incomplete',
  group: 'storage',
  title: 'the storage has its blobs and its repositories',
  fault: 'Half a storage: the folder of its blobs or of its repositories does not exist or is empty.',
  severity: 'error',
  advice:
    'Check that the whole storage is mounted and was restored; do not run the registry on it, nor its garbage collection.',
  covers: ['storage-tag-dangling', 'storage-link-without-data', 'gc-loses-repair'],
  reads: ['storage.layout'],
  run: ({ storage: { root, layout } }) => {
    if (!layout.seen) return []
    const { base, lacks, counts } = layout.value
    return lacks.map((half) => ({
      subject: [root.replace(/\/$/, ''), base, half].filter(Boolean).join('/'),
      message: `the folder with ${holds[half]} does not exist or is empty, beside ${
        half === 'blobs' ? `${counts.tags} tags` : `${counts.blobs} blobs`
      }`,
      absent: true as const,
      // Without blobs no tag leads to a manifest.
      ...(half === 'blobs' ? {} : { explains: [] }),
      cause: root,
    }))
  },
})
