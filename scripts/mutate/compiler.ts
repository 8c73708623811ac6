import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
// Unstable by its name: the only way to TypeScript 7's parser and checker from JavaScript. The version is pinned.
import { API } from 'typescript/unstable/sync'
import { mutantsOf } from './mutants.ts'

/** A mutant with where it is, what it changes, and the text of its file before and after. */
export type PlacedMutant = { file: string; place: string; change: string; before: string; after: string }

/** Parses and checks the files of a copy of the tree. */
export function openCompiler(copy: string) {
  const api = new API({ cwd: copy })
  const config = join(copy, 'tsconfig.json')
  const programAfter = (...changed: string[]) =>
    api.updateSnapshot({ openProjects: [config], fileChanges: { changed } }).getProject(config)?.program
  const original = programAfter()
  return {
    /** Every mutant of a file, in the order of its text. */
    mutantsIn(file: string): PlacedMutant[] {
      const source = original?.getSourceFile(join(copy, file))
      if (!source) return []
      const before = source.text
      return mutantsOf(source).map(({ start, end, replacement }) => {
        const lines = before.slice(0, start).split('\n')
        const place = `${file}:${lines.length}:${(lines.at(-1)?.length ?? 0) + 1}`
        const change = `${before.slice(start, end).replaceAll(/\s+/g, ' ')} → ${replacement || 'nothing'}`
        return {
          file,
          place,
          change,
          before,
          after: before.slice(0, start) + replacement + before.slice(end),
        }
      })
    },
    /** Whether a file has no type error with a mutant; the copy stays as it was. */
    compiles({ file, before, after }: PlacedMutant): boolean {
      const path = join(copy, file)
      writeFileSync(path, after)
      const errors = programAfter(path)?.getSemanticDiagnostics(path) ?? []
      writeFileSync(path, before)
      programAfter(path)
      return errors.length === 0
    },
    close: () => api.close(),
  }
}
