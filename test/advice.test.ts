import { globSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import {
  allCommands,
  commandsIn,
  fixOf,
  runnerFindings,
  sources,
  unquotedCommands,
} from './advice/commands.ts'
import { table } from './advice/table.ts'

const commands = allCommands()

describe('the commands of the runner group’s pages and advice', () => {
  test('are each in the table of what tests do with them, and the table has no other', () => {
    const found = Object.fromEntries([...commands].map(([id, set]) => [id, [...set].toSorted()]))
    const listed = Object.fromEntries(
      Object.entries(table).map(([id, uses]) => [id, Object.keys(uses).toSorted()]),
    )
    expect(listed).toEqual(found)
  })

  test.each(Object.entries(sources))(
    'are quoted in the advice of %s, so that it is plain where they end',
    (_, file) => {
      expect(unquotedCommands(file)).toEqual([])
    },
  )

  test('do not begin with a step that removes something', () => {
    const first = runnerFindings.flatMap((id) => commandsIn(fixOf(id)).slice(0, 1))
    const words = first.map((command) => command.replaceAll(/'[^']*'/g, ''))
    expect(
      words.filter((command) => /\b(?:rm|delete|disable|kill|down|flush)\b|(?:^| )-[DFX] /.test(command)),
    ).toEqual([])
  })
})

test('no text advises to prune', () => {
  const files = globSync(['README.md', 'docs.md', 'docs/**/*.md', 'src/**/*.ts', 'deploy/**/*.{md,yaml}'])
  expect(
    files.filter((file) => /\b(?:network|system|container|volume) prune\b/.test(readFileSync(file, 'utf8'))),
  ).toEqual([])
})
