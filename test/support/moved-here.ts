import { parse, stringify } from 'yaml'

/** What a pipeline of the documents is moved to. */
export type Here = { image: string; repository: string }

/**
 * A pipeline or workflow of the documents, for a registry that is here: its steps of ours get another image and repository, and
 * leave to speak plain http. Everything else stays as it is written.
 */
export function movedHere(yaml: string, here: Here): string {
  const content = parse(yaml)
  move(content, here)
  return stringify(content)
}

function move(node: unknown, here: Here): void {
  if (typeof node !== 'object' || node === null) return
  const own = { repo: here.repository, insecure: true }
  if ('settings' in node && 'image' in node && String(node.image).includes('regguard')) {
    Object.assign(node, { image: here.image })
    Object.assign(Object(node.settings), own)
  } else if ('with' in node && 'uses' in node && /regguard|^\.\/$/.test(String(node.uses))) {
    if (node.uses !== './') Object.assign(node, { uses: `docker://${here.image}` })
    Object.assign(Object(node.with), own)
  } else {
    for (const inner of Object.values(node)) move(inner, here)
  }
}
