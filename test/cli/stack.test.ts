import { describe, expect, test } from 'vitest'
import { sourceStack } from '../../src/cli/stack.ts'

/** A source map whose line 3, column 5 comes from src/checks/graph.ts, line 7, column 3. */
const map = JSON.stringify({
  version: 3,
  sources: ['../src/checks/graph.ts'],
  names: [],
  mappings: ';;IAME',
})
const readMap = (file: string): string | undefined =>
  /^\/app\/regguard-plugin\.[cm]js$/.test(file) ? map : undefined

const frame = (place: string) => `    at documentOf (${place})`

describe('a stack of the bundle', () => {
  test.each([
    ['a path', '/app/regguard-plugin.mjs:3:5'],
    ['a URL', 'file:///app/regguard-plugin.mjs:3:5'],
    ['the script of a snapshot', '/app/regguard-plugin.cjs:3:5'],
  ])('is translated to the positions in its sources, from %s', (_what, place) => {
    expect(sourceStack(`TypeError: x\n${frame(place)}`, readMap)).toBe(
      `TypeError: x\n${frame('src/checks/graph.ts:7:3')}`,
    )
  })

  test('keeps frames without a source map', () => {
    const stack = ['Error: x', frame('node:internal/modules/run_main:9:1'), frame('/other/x.mjs:3:5')].join(
      '\n',
    )
    expect(sourceStack(stack, readMap)).toBe(stack)
    expect(sourceStack(frame('/app/regguard-plugin.mjs:1:1'), readMap)).toBe(
      frame('/app/regguard-plugin.mjs:1:1'),
    )
  })

  test('reads each map once', () => {
    let reads = 0
    const place = frame('/app/regguard-plugin.mjs:3:5')
    sourceStack([place, place, place].join('\n'), (file) => {
      reads += 1
      return readMap(file)
    })
    expect(reads).toBe(1)
  })

  test.each(['', '{', 'null', '{"version":3}', '{"version":3,"mappings":7}'])(
    'is unchanged if the map is %j',
    (broken) => {
      const stack = frame('/app/regguard-plugin.mjs:3:5')
      expect(sourceStack(stack, () => broken)).toBe(stack)
    },
  )
})
