import fc from 'fast-check'
import { expect, test } from 'vitest'
import { searchMtu } from '../../../../src/observe/path/mtu/search.ts'

/** A path that carries packets up to this size. */
const pathOf = (mtu: number) => {
  const tested: number[] = []
  const test = async (size: number) => {
    tested.push(size)
    return size <= mtu
  }
  return { test, tested }
}

test('the search is exact for every MTU between the two sizes, with or without a guess', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 576, max: 1499 }),
      fc.option(fc.integer({ min: 576, max: 1500 }), { nil: undefined }),
      async (mtu, guess) => {
        const found = await searchMtu(576, 1500, pathOf(mtu).test, guess)
        expect(found).toMatchObject({ state: 'found', arrives: mtu, lost: mtu + 1 })
      },
    ),
  )
})

test('a common MTU takes two rounds, a right guess one; the next larger size is lost twice', async () => {
  const common = pathOf(1420)
  expect(await searchMtu(576, 1500, common.test)).toMatchObject({ arrives: 1420, probes: 12 })
  expect(common.tested.filter((size) => size === 1421)).toHaveLength(2)
  const guessed = pathOf(1333)
  expect(await searchMtu(576, 1500, guessed.test, 1333)).toMatchObject({ arrives: 1333, probes: 9 })
})

test('a large local MTU is searched as well', async () => {
  expect(await searchMtu(576, 9000, pathOf(8942).test)).toMatchObject({ arrives: 8942, lost: 8943 })
})

test('a size that arrives although a smaller one was lost gives no number', async () => {
  const lossy = async (size: number) => size !== 1420
  expect(await searchMtu(576, 1500, lossy)).toMatchObject({ state: 'unstable' })
})

test('without any size that could be tested there is no number, and no more is tried', async () => {
  expect(await searchMtu(576, 1500, async () => undefined)).toEqual({ state: 'untested', probes: 6 })
})

test('sizes that cannot be tested leave a gap', async () => {
  const limited = async (size: number) => (size > 1400 ? undefined : true)
  expect(await searchMtu(576, 1500, limited)).toMatchObject({ state: 'found', arrives: 1400, lost: 1500 })
})
