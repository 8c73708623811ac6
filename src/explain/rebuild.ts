import type { CiRun } from '../settings/ci.ts'

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

/** How to start the rebuild on this CI system, where a finding asks for one and the system is known. */
export function rebuildHint(id: string, { platform, number, url }: CiRun): string | undefined {
  if (!needsPush.has(id)) return undefined
  if (platform === 'woodpecker') {
    const pipeline = number ? `pipeline ${number.slice(1)}` : 'the pipeline'
    return `To rebuild: start ${pipeline} again with the manual event${url ? ` (${url})` : ''}.`
  }
  if (platform === 'plain') return undefined
  return `To rebuild: run the workflow again (workflow_dispatch)${url ? `; this run is ${url}` : ''}.`
}
