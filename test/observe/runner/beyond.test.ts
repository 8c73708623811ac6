import { expect, test } from 'vitest'
import { withBeyond } from '../../../src/observe/runner/beyond.ts'
import { healthyFacts, hostIn } from '../../support/facts.ts'
import { areaIn, healthyRunner, without } from '../../support/runner-facts.ts'

/** What is added for a run that spoke to hosts at these addresses; to none at all without any. */
function added(...spokenTo: string[][]): string | undefined {
  const runner = healthyRunner()
  delete areaIn(runner, 'ports').beyond
  const hosts = spokenTo.map((addresses) => ({ ...hostIn(healthyFacts()), addresses }))
  return areaIn(withBeyond(runner, { hosts }), 'ports').beyond
}

const dialled = areaIn(healthyRunner(), 'ports').targets[0]?.address ?? ''

test('a host at another address was beyond the one that was dialled', () => {
  expect(added(['192.0.2.10'])).toBe('reached')
  expect(added([], ['192.0.2.10'])).toBe('reached')
})

test('the dialled host itself, this container and a host without an answer are not beyond it', () => {
  expect(dialled).not.toBe('')
  expect(added([dialled])).toBe('not reached')
  expect(added(['127.0.0.1'])).toBe('not reached')
  expect(added([])).toBe('not reached')
})

test('where nobody tried, or nothing was dialled, nothing is said', () => {
  expect(added()).toBeUndefined()
  const runner = healthyRunner()
  without('ports')(runner)
  expect(withBeyond(runner, { hosts: [hostIn(healthyFacts())] })).toEqual(runner)
})
