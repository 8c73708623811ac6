import { expect, test } from 'vitest'
import { hideIn } from '../../src/report/hide.ts'

const asIs = (text: string) => text

test('every text in a value is passed through the mask, at any depth, and no key', () => {
  const value = { secret: ['a secret', { deep: 'secret' }], count: 7, none: null, yes: true, gone: undefined }
  expect(hideIn(value, (text) => text.replace('secret', '********'))).toEqual({
    ...{ secret: ['a ********', { deep: '********' }], count: 7, none: null, yes: true, gone: undefined },
  })
})

test('a text of 4000 characters is kept whole, and a longer one is cut there, which shows', () => {
  expect(hideIn('x'.repeat(4000), asIs)).toBe('x'.repeat(4000))
  expect(hideIn('x'.repeat(4001), asIs)).toBe(`${'x'.repeat(4000)}…`)
})

test('a text is cut only after its secrets are hidden', () => {
  const secret = 'a-long-secret'
  const text = `${'x'.repeat(3995)}${secret}`
  expect(hideIn(text, (one) => one.replace(secret, '*'))).toBe(`${'x'.repeat(3995)}*`)
})
