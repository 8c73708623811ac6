import { expect, test } from 'vitest'
import check from '../../src/checks/registry/length-unknown.ts'
import { healthyFacts, quirky, registry, repository, settingsWith } from '../support/facts.ts'

test('an oddity is counted for each repository', () => {
  const facts = healthyFacts()
  quirky('length-unknown', 2)(facts)
  facts.registry.quirks.push({
    ...{ repository: `${repository}/tools`, registry },
    quirk: 'length-unknown',
    answers: 5,
  })
  expect(check.run(facts, settingsWith())).toEqual([
    { subject: repository, message: 'seen in 2 answers', cause: 'registry.example.com' },
    { subject: `${repository}/tools`, message: 'seen in 5 answers', cause: 'registry.example.com' },
  ])
})

test('an oddity is the registry’s, and never fails a step', () => {
  expect(check).toMatchObject({ group: 'registry', severity: 'note' })
})
