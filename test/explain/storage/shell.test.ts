import { expect, test } from 'vitest'
import { folderWord, pathWord, shellWord } from '../../../src/explain/storage/shell.ts'

// What shells make of these words is tested in test/observe/storage/aside.test.ts.
test.each([
  ['/srv/registry/a-b_c.d,e+f@g%h=i:j', '/srv/registry/a-b_c.d,e+f@g%h=i:j'],
  ['it is', "'it is'"],
  ["it's", "'it'\\''s'"],
  ['$(id) `id` "x" *', `'$(id) \`id\` "x" *'`],
  ['http://[::1]:5000/v2/', "'http://[::1]:5000/v2/'"],
  ['', "''"],
  ['caf\u00e9', "'caf\u00e9'"],
  ['a\nb', `"$(printf 'a\\012b')"`],
  ['100%\t', `"$(printf '100%%\\011')"`],
  // A right-to-left override, which a log would not carry.
  ['a\u202eb', `"$(printf 'a\\342\\200\\256b')"`],
  ['a ##[b]', `"$(printf 'a \\043\\043\\133b\\135')"`],
])('the word of %j is %s', (text, word) => {
  expect(shellWord(text)).toBe(word)
})

test('a byte of a shown path that is no UTF-8 stands for itself in a path alone', () => {
  expect(pathWord('caf\\xe9/a')).toBe(`"$(printf 'caf\\351/a')"`)
  expect(shellWord('caf\\xe9/a')).toBe("'caf\\xe9/a'")
})

test('a newline at the end is not lost', () => {
  expect(pathWord('a\n\n')).toBe(`"$(printf 'a')"[!=-~,-:][!=-~,-:]`)
  expect(folderWord('a\n')).toBe(`"$(printf 'a\\012/')"`)
  expect(folderWord('a')).toBe('a')
})
