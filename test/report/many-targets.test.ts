import { expect, test } from 'vitest'
import { type Change, childOf, digestOf, imageOf, indexOf, repositoryOf, targetIn } from '../support/facts.ts'
import { clearlyMoreThanLinear, growthOf } from '../support/growth.ts'
import { reportOf } from './reports.ts'

/** So many tags of one repository, each an image of its own; every other one was moved while it was read. */
function tagged(tags: number): Change {
  const numbers = Array.from({ length: tags }, (_, at) => at)
  const found = (at: number) => ({
    state: 'found' as const,
    digest: digestOf(`index ${at}`),
    sizeBytes: 1200,
  })
  const repository = repositoryOf(
    numbers.flatMap((at): Parameters<typeof repositoryOf>[0] => [
      [digestOf(`index ${at}`), indexOf(childOf(`amd64 ${at}`, 'amd64'))],
      [digestOf(`amd64 ${at}`), imageOf(`config ${at}`, 'base layer', `layer ${at}`)],
    ]),
  )
  return (facts) => {
    const { reference } = targetIn(facts).target
    facts.image.targets = numbers.map((at) => ({
      target: { reference: { ...reference, tag: `1.${at}` } },
      first: { seen: true, value: found(at) },
      last: { seen: true, value: found(at + (at % 2)) },
    }))
    facts.image.repositories = [repository]
  }
}

test('the report of a repository takes time in proportion to its tags, also where many are at fault', async () => {
  const changes = new Map([500, 2000].map((tags) => [tags, tagged(tags)]))
  const growth = await growthOf((tags) => {
    const report = reportOf(changes.get(tags))
    expect(report.targets).toHaveLength(tags)
    expect(report.totals.findings).toBe(tags / 2)
  }, 500)
  expect(growth).toBeLessThan(clearlyMoreThanLinear)
})
