import { expect, test } from 'vitest'
import { repairAdvice, rollBackEvidence } from '../../../src/explain/storage/advice.ts'
import type { RepairPlace } from '../../../src/explain/storage/place.ts'
import type { StoredImage } from '../../../src/facts/storage/image.ts'

const place: RepairPlace = {
  ...{ root: '/srv', base: '', driver: 'filesystem', container: 'registry', registry: 'REGISTRY' },
}
const [a, b, c] = ['a', 'b', 'c'].map((one) => `sha256:${one.repeat(64)}`) as [string, string, string]
const imageWith = (rollBacks: StoredImage['rollBacks']): StoredImage => ({
  ...{ repository: 'app', digest: a, kind: 'image', tags: ['1', '2'], tagCount: 2, top: [], platforms: [] },
  ...{ platformCount: 1, wholeCount: 0, attestations: { listed: 0, broken: 0 }, outcome: 'roll-back' },
  rollBacks,
})
const adviceOf = (rollBacks: StoredImage['rollBacks']) =>
  repairAdvice([imageWith(rollBacks)], { steps: [], more: 0, bytes: 0 }, place).advice

test('where the times do not tell which image is the newest, all are named and none is proposed', () => {
  const doubtful = [{ tag: '1', digest: b, others: [c] }]
  expect(adviceOf(doubtful)).toMatch(/a tag can be pushed with an older image .* the times there do not tell/)
  expect(adviceOf(doubtful)).not.toContain('command')
  expect(rollBackEvidence(imageWith(doubtful))).toEqual([`1 can go back to one of ${b}, ${c}`])
})

test('the tags that are sure keep their commands', () => {
  const mixed = [
    { tag: '1', digest: b },
    { tag: '2', digest: b, others: [c] },
  ]
  expect(adviceOf(mixed)).toMatch(/the last command rolls 1 back to sha256:bbbb/)
  expect(rollBackEvidence(imageWith(mixed))).toEqual([
    expect.stringMatching(/^1 can go back to sha256:b+…$/),
    `2 can go back to one of ${b}, ${c}`,
  ])
})
