import { expect, test } from 'vitest'
import check from '../../src/checks/registry/length-unknown.ts'
import { healthyFacts, quirky, registry, repository, settingsWith } from '../support/facts.ts'

test('responses are counted per repository', () => {
  const facts = healthyFacts()
  quirky('length-unknown', 2)(facts)
  facts.registry.quirks.push({
    repository: `${repository}/tools`,
    registry,
    quirk: 'length-unknown',
    answers: 5,
  })
  expect(check.run(facts, settingsWith())).toEqual([
    { subject: repository, message: 'in 2 responses', cause: 'registry.example.com' },
    { subject: `${repository}/tools`, message: 'in 5 responses', cause: 'registry.example.com' },
  ])
})

test('a quirk belongs to the registry group and is a note', () => {
  expect(check).toMatchObject({ group: 'registry', severity: 'note' })
})
