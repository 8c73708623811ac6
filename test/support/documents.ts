import { globSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'

const project = fileURLToPath(new URL('../../', import.meta.url))

/** What a piece of YAML is for. `other` is the configuration of other programs, which is not checked. */
type Kind = 'woodpecker' | 'workflow' | 'action' | 'other' | 'unknown'

/** The top-level keys of other programs' configuration: a registry, the Forgejo runner, k3s. */
const otherKeys = ['storage', 'container', 'disable-network-policy']

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

/** The YAML blocks of a document, without the indentation of a surrounding list. */
function blocksOf(file: string, markdown: string): Piece[] {
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
  return keys.some((key) => otherKeys.includes(key)) ? 'other' : 'unknown'
}

/** A complete pipeline for a block that shows only the settings of a step. */
function stepOf(settings: string): string {
  return `steps:\n  - name: verify\n    image: regguard-plugin\n${settings.replaceAll(/^/gm, '    ')}`
}

function text(file: string): Promise<string> {
  return readFile(join(project, file), 'utf8')
}
