import { expect, test } from 'vitest'
import { sampleFiles } from '../../../src/observe/recorder/sample-files.ts'
import { areaIn, healthyRunner } from '../../support/runner-facts.ts'

/** The line about tracked connections, for so many dropped ones. */
function conntrackLine(drops: number | undefined): string | undefined {
  const facts = healthyRunner()
  const conntrack = areaIn(facts, 'conntrack')
  delete conntrack.drops
  if (drops !== undefined) conntrack.drops = drops
  return sampleFiles(facts)
    ['kernel.txt']?.split('\n')
    .find((line) => line.startsWith('tracked connections'))
}

test.each([
  [7, 'tracked connections: 1758 of 917504, 7 dropped while watching'],
  [0, 'tracked connections: 1758 of 917504, 0 dropped while watching'],
  [undefined, 'tracked connections: 1758 of 917504, an unknown number dropped while watching'],
])('%s dropped connections', (drops, line) => {
  expect(conntrackLine(drops)).toBe(line)
})
