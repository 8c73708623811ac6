import type { CiRun } from '../settings/ci/ci.ts'

/** Findings that only a new push fixes. */
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

/** Events of runs that a person starts; such a run may verify without building. */
const manualEvents = new Set(['manual', 'workflow_dispatch'])

/** How to start a rebuild on this CI system; undefined where the finding does not need one or the system is unknown. */
export function rebuildHint(id: string, { platform, event = '', number, url }: CiRun): string | undefined {
  if (!needsPush.has(id) || platform === 'plain') return undefined
  const where = url ? `: ${url}` : '.'
  if (manualEvents.has(event)) {
    const run = platform === 'woodpecker' ? 'pipeline' : 'workflow run'
    return `To rebuild: restart the ${run} that pushed the image. This run was started manually and may only verify${where}`
  }
  if (platform !== 'woodpecker') {
    return `To rebuild: re-run all jobs of this run, or start the workflow manually (workflow_dispatch)${where}`
  }
  const pipeline = number ? `pipeline ${number.slice(1)}` : 'the pipeline'
  return `To rebuild: restart ${pipeline}, or start it again with the manual event${where}`
}
