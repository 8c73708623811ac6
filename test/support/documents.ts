import { globSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'

const project = fileURLToPath(new URL('../../', import.meta.url))

/** What a piece of YAML is for. `other` is for programs that are not ours to check: a registry's configuration. */
export type Kind = 'woodpecker' | 'workflow' | 'action' | 'other'

/** A piece of YAML that people read or copy: a block of a document, or a file. */
export type Piece = { place: string; text: string; kind: Kind }

/** Every YAML block of README.md, docs.md and docs, and the project's own pipelines, workflows and action.yml. */
export async function yamlPieces(): Promise<Piece[]> {
  const documents = globSync(['README.md', 'docs.md', 'docs/**/*.md'], { cwd: project })
  const files = globSync(['.woodpecker.yml', '.forgejo/workflows/*.yml', 'action.yml'], { cwd: project })
  const blocks = await Promise.all(documents.sort().map(async (file) => blocksOf(file, await text(file))))
  const whole = await Promise.all(files.sort().map(async (file) => piece(file, await text(file))))
  return [...blocks.flat(), ...whole]
}

/** The YAML blocks of a document, without the indentation that a list around them needs. */
export function blocksOf(file: string, markdown: string): Piece[] {
  return [...markdown.matchAll(/^( *)```ya?ml\n([\s\S]*?)^ *```/gm)].map((found) => {
    const [, indent = '', block = ''] = found
    const line = markdown.slice(0, found.index).split('\n').length + 1
    return piece(`${file}:${line}`, block.replaceAll(new RegExp(`^${indent}`, 'gm'), ''))
  })
}

function piece(place: string, content: string): Piece {
  return { place, text: content, kind: kindOf(parse(content)) }
}

function kindOf(content: unknown): Kind {
  if (typeof content !== 'object' || content === null) return 'other'
  if ('runs' in content) return 'action'
  if ('jobs' in content) return 'workflow'
  return 'steps' in content || 'when' in content ? 'woodpecker' : 'other'
}

function text(file: string): Promise<string> {
  return readFile(join(project, file), 'utf8')
}
