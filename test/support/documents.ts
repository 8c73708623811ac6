import { globSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'

const project = fileURLToPath(new URL('../../', import.meta.url))

/** What a piece of YAML configures. `other`: programs that are not checked here; `unknown`: not recognised. */
export type Kind = 'woodpecker' | 'workflow' | 'action' | 'other' | 'unknown'

/** Keys by which the configuration of other programs is recognised: a registry, the Forgejo runner, k3s. */
const otherPrograms = ['storage', 'container', 'disable-network-policy']

/** YAML that people read or copy: a block of a document, or a file. */
export type Piece = { place: string; text: string; kind: Kind }

/** Every YAML block of the Markdown documents, and the project's pipelines, workflows and action.yml. */
export async function yamlPieces(): Promise<Piece[]> {
  const documents = globSync(['README.md', 'docs.md', 'docs/**/*.md'], { cwd: project })
  const files = globSync(['.woodpecker.yml', '.forgejo/workflows/*.yml', 'action.yml'], { cwd: project })
  const blocks = await Promise.all(documents.sort().map(async (file) => blocksOf(file, await text(file))))
  const whole = await Promise.all(files.sort().map(async (file) => piece(file, await text(file))))
  return [...blocks.flat(), ...whole]
}

/** The YAML blocks of a document, without the indentation of a list around them. */
export function blocksOf(file: string, markdown: string): Piece[] {
  return [...markdown.matchAll(/^( *)```ya?ml\n([\s\S]*?)^ *```/gm)].map((match) => {
    const [, indent = '', block = ''] = match
    const line = markdown.slice(0, match.index).split('\n').length + 1
    return piece(`${file}:${line}`, block.replaceAll(new RegExp(`^${indent}`, 'gm'), ''))
  })
}

function piece(place: string, content: string): Piece {
  const match: unknown = parse(content)
  const keys = typeof match === 'object' && match !== null ? Object.keys(match) : []
  return { place, text: keys[0] === 'settings' ? stepOf(content) : content, kind: kindOf(keys) }
}

function kindOf(keys: string[]): Kind {
  if (keys.includes('runs')) return 'action'
  if (keys.includes('jobs')) return 'workflow'
  if (['steps', 'when', 'settings'].some((key) => keys.includes(key))) return 'woodpecker'
  return keys.some((key) => otherPrograms.includes(key)) ? 'other' : 'unknown'
}

/** A complete pipeline for a block that shows only a step's settings. */
function stepOf(settings: string): string {
  return `steps:\n  - name: verify\n    image: regguard-plugin\n${settings.replaceAll(/^/gm, '    ')}`
}

function text(file: string): Promise<string> {
  return readFile(join(project, file), 'utf8')
}
