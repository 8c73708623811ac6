import { expect, test } from 'vitest'
import check from '../../../src/checks/image/run-stopped.ts'
import {
  all,
  digestOf,
  failureFindings,
  faultsOf,
  otherFailures,
  repository,
  unseen,
  withBlob,
  withFailures,
} from '../../support/facts.ts'

test('a run that inspected everything completed', () => {
  expect(faultsOf(check)).toEqual([])
})

test('everything that a stopped run left out is one note per host', () => {
  expect(faultsOf(check, withFailures('run-stopped'))).toEqual(failureFindings('run-stopped', 'note'))
  expect(check.group).toBe('image')
})

test('another failure is not a stopped run', () => {
  const telling = otherFailures('run-stopped').filter(
    (kind) => faultsOf(check, withFailures(kind)).length > 0,
  )
  expect(telling).toEqual([])
})

test('what was requested and not answered in full is named', () => {
  const waiting = (phase: 'headers' | 'body') => {
    const { why } = unseen('run-stopped')
    return { seen: false as const, why: { ...why, phase } }
  }
  const change = all(
    withFailures('run-stopped'),
    withBlob('amd64 layer', waiting('body')),
    withBlob('arm64 layer', waiting('headers')),
  )
  const [finding] = faultsOf(check, change)
  const names = ['amd64 layer', 'arm64 layer'].map((name) => `${repository}@${digestOf(name)}`)
  expect(finding?.message).toBe(
    `the case of run-stopped: 3 objects not verified, while waiting for ${names.join(', ')}`,
  )
  const [more] = faultsOf(check, all(change, withBlob('amd64 config', waiting('body'))))
  expect(more?.message).toMatch(/4 objects not verified, while waiting for .* and 1 other$/)
})
