import { describe, expect, test } from 'vitest'
import { appendKeyValue, formatKeyValue } from '../../src/log/file-commands.ts'

describe('an output in the file of the runner', () => {
  test('has the heredoc format with a unique delimiter', () => {
    const written: string[][] = []
    const file = { path: '/out', appendFile: (path: string, text: string) => void written.push([path, text]) }
    appendKeyValue({ ...file, newId: () => '1-2' }, 'digest', 'sha256:ab\nsecond')
    appendKeyValue(file, 'n', { a: 1 })
    appendKeyValue(file, 'n', { a: 1 })
    expect(written[0]).toEqual(['/out', 'digest<<ghadelimiter_1-2\nsha256:ab\nsecond\nghadelimiter_1-2\n'])
    expect(written[1]?.[1]).toMatch(/^n<<ghadelimiter_[\da-f-]{36}\n\{"a":1\}\nghadelimiter_[\da-f-]{36}\n$/)
    expect(written[1]).not.toEqual(written[2])
  })

  test('is refused when the delimiter is in the value or the name', () => {
    expect(() => formatKeyValue('a', 'x\nEND\nb=c', 'END')).toThrow('value must not contain its delimiter')
    expect(() => formatKeyValue('aEND', 'x', 'END')).toThrow('name must not contain its delimiter')
  })

  test.each(['', 'a b', 'a\nb', 'a=b', 'a<<b'])('is refused under the name %j', (name) => {
    expect(() => formatKeyValue(name, 'x', 'END')).toThrow('is not a name for an output')
  })
})
