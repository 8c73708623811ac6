import { expect, test } from 'vitest'
import check from '../../src/checks/path/answer-timeout.ts'
import {
  all,
  type Change,
  faultsOf,
  registry,
  repository,
  repositoryIn,
  tagged,
  targetIn,
  unseen,
  withBlob,
  withFailures,
  withManifest,
} from '../support/facts.ts'

const late = (detail?: string) => unseen('answer-timeout', registry, detail)
const messages = (change: Change) => faultsOf(check, change).map(({ message }) => message)

test('a target is named by its reference', () => {
  const change: Change = (facts) => {
    targetIn(facts).first = late('too late')
  }
  expect(messages(change)).toEqual([`too late: ${tagged} not verified`])
})

test('a target whose second request failed counts as well', () => {
  const change: Change = (facts) => {
    targetIn(facts).last = late('too late')
  }
  expect(messages(change)).toEqual([`too late: ${tagged} not verified`])
})

test('a target whose two requests failed is one object', () => {
  const change: Change = (facts) => {
    Object.assign(targetIn(facts), { first: late('too late'), last: late('too late') })
  }
  expect(messages(change)).toEqual([`too late: ${tagged} not verified`])
})

test('a list of referrers counts as well', () => {
  const change: Change = (facts) => {
    repositoryIn(facts).referrers = late('too late')
  }
  expect(messages(change)).toEqual([
    expect.stringContaining(`too late: the list of referrers of ${repository} `),
  ])
})

test('two details are both listed', () => {
  const change = all(withManifest('arm64', late('first')), withBlob('amd64 layer', late('second')))
  expect(messages(change)).toEqual(['first; second: 2 objects not verified'])
})

test('further details are counted', () => {
  const three = all(
    withManifest('amd64', late('first')),
    withManifest('arm64', late('second')),
    withBlob('amd64 layer', late('third')),
  )
  expect(messages(three)).toEqual(['first; second (and 1 more): 3 objects not verified'])
  expect(messages(all(three, withBlob('arm64 layer', late('fourth'))))).toEqual([
    'first; second (and 2 more): 4 objects not verified',
  ])
})

test('evidence is listed once each, at most eight lines of it', () => {
  const crowded = late()
  crowded.why.evidence = ['a', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i']
  const change = all(withBlob('amd64 layer', crowded), withBlob('arm64 layer', crowded))
  expect(faultsOf(check, change)).toMatchObject([{ evidence: ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'] }])
})

test('each check reports its own kind of failure only', () => {
  const change = all(withFailures('rate-limited'), withBlob('amd64 config', late('too late')))
  expect(faultsOf(check, change)).toMatchObject([
    { message: expect.stringMatching(/^too late: .*not verified$/) },
  ])
})
