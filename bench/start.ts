import { fromSnapshot, mainFile } from '../test/support/main-program.ts'
import { type CommandLine, measure, median } from './measure.ts'

const starts: [string, CommandLine['command']][] = [
  ['node -e 0', [process.execPath, '-e', '0']],
  ['regguard --version', [process.execPath, mainFile, '--version']],
  ['regguard --version, from the snapshot', [process.execPath, ...fromSnapshot, '--version']],
  ['regguard --help', [process.execPath, mainFile, '--help']],
  ['regguard explain tag-missing', [process.execPath, mainFile, 'explain', 'tag-missing']],
]

/** Measures commands that ask nobody, beside Node alone, as a Markdown table. */
export async function measureStart(rounds: number): Promise<string> {
  const samples = starts.map(() => [] as number[])
  for (let round = 0; round < rounds; round += 1) {
    for (const [at, [, command]] of starts.entries()) samples[at]?.push((await measure({ command })).seconds)
  }
  const first = median(samples[0] ?? [])
  return [
    '| | ms | ratio |',
    '| --- | --- | --- |',
    ...starts.map(([name], at) => {
      const seconds = median(samples[at] ?? [])
      return `| ${name} | ${Math.round(seconds * 1000)} | ${(seconds / first).toFixed(2)} x |`
    }),
  ].join('\n')
}
