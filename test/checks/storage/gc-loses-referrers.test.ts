import { expect, test } from 'vitest'
import check from '../../../src/checks/storage/gc-loses-referrers.ts'
import { collections, faultsOfForecast, makeInventory } from '../../support/storage/forecast-inventory.ts'

function withReferrer() {
  const made = makeInventory()
  const app = made.image('app')
  made.repository('app', [app, made.image('sbom', app)], { latest: app })
  return made
}

test.each([collections.old, collections.recent])('a referrer without a tag is deleted by %o', (known) => {
  expect(faultsOfForecast(check, withReferrer(), known)).toMatchObject([
    {
      subject: expect.stringMatching(/^app@sha256:/),
      message: expect.stringContaining('1 referrer without a tag is deleted by'),
      evidence: ['application/vnd.example.sbom'],
    },
  ])
})

test('it stays without the flag', () => {
  expect(faultsOfForecast(check, withReferrer(), collections.plain)).toEqual([])
})
