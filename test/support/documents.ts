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

/** A command line that a document shows, as the words that the program gets. */
export type CommandLine = { place: string; words: string[] }

/**
 * Every command line of regguard in the Markdown documents: in the blocks that are pasted into a shell, and in inline code. What
 * regguard prints is indented or begins with a mark, and what has to be filled in is in capitals.
 */
export async function commandLines(): Promise<CommandLine[]> {
  const documents = globSync(['README.md', 'docs/*.md', 'deploy/README.md'], { cwd: project })
  const found = await Promise.all(documents.sort().map(async (file) => linesOf(file, await text(file))))
  return found.flat()
}

function linesOf(file: string, markdown: string): CommandLine[] {
  const blocks = [...markdown.matchAll(/^ *```(?:console|sh)\n([\s\S]*?)^ *```/gm)]
  const shown = blocks.flatMap(({ 1: block = '', index }) =>
    block
      .replaceAll(/\\\n\s*/g, '')
      .split('\n')
      .map((line) => ({ line, index })),
  )
  const inline = [...markdown.matchAll(/`(regguard-plugin [^`\n]+)`/g)].map(({ 1: line = '', index }) => ({
    line,
    index,
  }))
  return [...shown, ...inline].flatMap(({ line, index }) => {
    const words = wordsOf(line)
    if (words === undefined || /\b[A-Z]{2,}\b/.test(words.join(' '))) return []
    return [{ place: `${file}:${markdown.slice(0, index).split('\n').length}: ${line}`, words }]
  })
}

/** The words after the name of the program or of its image; undefined for another program. */
function wordsOf(line: string): string[] | undefined {
  if (!/^(?:regguard-plugin|\.\/dist\/regguard-plugin\.mjs|docker run) /.test(line)) return undefined
  const words = [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, a, b, c]) => a ?? b ?? c ?? '')
  const program = words.findIndex((word) => /(?:^|\/)regguard-plugin(?:$|:|\.mjs$)/.test(word))
  return program < 0 ? undefined : words.slice(program + 1)
}
