import { parse, stringify } from 'yaml'

/** The image and repository that a documented pipeline is adapted to. */
export type PipelineTarget = { image: string; repository: string }

/**
 * Adapts a documented pipeline or workflow to a registry of the tests: steps of regguard get another image and repository, and
 * may use plain HTTP. Everything else stays unchanged.
 */
export function adaptPipeline(yaml: string, target: PipelineTarget): string {
  const content = parse(yaml)
  adapt(content, target)
  return stringify(content)
}

function adapt(node: unknown, target: PipelineTarget): void {
  if (typeof node !== 'object' || node === null) return
  const settings = { repo: target.repository, insecure: true }
  if ('settings' in node && 'image' in node && String(node.image).includes('regguard')) {
    Object.assign(node, { image: target.image })
    Object.assign(Object(node.settings), settings)
  } else if ('with' in node && 'uses' in node && /regguard|^\.\/$/.test(String(node.uses))) {
    if (node.uses !== './') Object.assign(node, { uses: `docker://${target.image}` })
    Object.assign(Object(node.with), settings)
  } else {
    for (const inner of Object.values(node)) adapt(inner, target)
  }
}
