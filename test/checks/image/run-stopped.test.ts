import { expect, test } from 'vitest'
import check from '../../../src/checks/image/run-stopped.ts'
import { otherTroubles, told, troubled, troubleFindings } from '../../support/facts.ts'

test('a run that saw everything came to its end', () => {
  expect(told(check)).toEqual([])
})

test('however much a stopped run left out, it is one note a host', () => {
  expect(told(check, troubled('run-stopped'))).toEqual(troubleFindings('run-stopped', 'note'))
  expect(check.group).toBe('image')
})

test('another trouble is no stopped run', () => {
  const telling = otherTroubles('run-stopped').filter((kind) => told(check, troubled(kind)).length > 0)
  expect(telling).toEqual([])
})
