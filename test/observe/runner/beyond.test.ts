import { expect, test } from 'vitest'
import { withBeyond } from '../../../src/observe/runner/beyond.ts'
import { healthyFacts, hostIn } from '../../support/facts.ts'
import { areaIn, healthyRunner, without } from '../../support/runner-facts.ts'

/** The value for a run that contacted hosts at these addresses. */
function beyondFor(...contacted: string[][]): string | undefined {
  const runner = healthyRunner()
  delete areaIn(runner, 'ports').beyond
  const hosts = contacted.map((addresses) => ({ ...hostIn(healthyFacts()), addresses }))
  return areaIn(withBeyond(runner, { hosts }), 'ports').beyond
}

const dialled = areaIn(healthyRunner(), 'ports').targets[0]?.address ?? ''

test('a host at another address is beyond the dialled one', () => {
  expect(beyondFor(['192.0.2.10'])).toBe('reached')
  expect(beyondFor([], ['192.0.2.10'])).toBe('reached')
})

test('the dialled host itself, loopback and a host without an address are not beyond it', () => {
  expect(dialled).not.toBe('')
  expect(beyondFor([dialled])).toBe('not reached')
  expect(beyondFor(['127.0.0.1'])).toBe('not reached')
  expect(beyondFor([])).toBe('not reached')
})

test('nothing is added where no host was contacted, or nothing was dialled', () => {
  expect(beyondFor()).toBeUndefined()
  const runner = healthyRunner()
  without('ports')(runner)
  expect(withBeyond(runner, { hosts: [hostIn(healthyFacts())] })).toEqual(runner)
})
