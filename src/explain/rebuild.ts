import type { CiRun } from '../settings/ci/ci.ts'

/** Findings that only a new push mends. */
const needsPush = new Set([
  'orphaned-index',
  'config-missing',
  'layer-missing',
  'stale-blob-cache',
  'blob-empty',
  'blob-truncated',
  'blob-corrupt',
  'manifest-corrupt',
  'registry-metadata-corrupt',
])

/** Runs that a person starts, and that may verify without building. */
const byHand = new Set(['manual', 'workflow_dispatch'])

/** How to start the rebuild on this CI system, where a finding asks for one and the system is known. */
export function rebuildHint(id: string, { platform, event = '', number, url }: CiRun): string | undefined {
  if (!needsPush.has(id) || platform === 'plain') return undefined
  const where = url ? `: ${url}` : '.'
  if (byHand.has(event)) {
    const run = platform === 'woodpecker' ? 'pipeline' : 'workflow run'
    return `To rebuild: restart the ${run} that pushed the image. This one was started by hand, and may only verify${where}`
  }
  if (platform !== 'woodpecker') {
    return `To rebuild: re-run all jobs of this run, or start the workflow by hand (workflow_dispatch)${where}`
  }
  const pipeline = number ? `pipeline ${number.slice(1)}` : 'the pipeline'
  return `To rebuild: restart ${pipeline}, or start it again with the manual event${where}`
}
