import { expect, test } from 'vitest'
import check from '../../../src/checks/registry/registry-unavailable.ts'
import { otherTroubles, told, troubled, troubleFindings } from '../../support/facts.ts'

test('a registry that serves the image is up', () => {
  expect(told(check)).toEqual([])
})

test('however many server errors come, it is one finding a host', () => {
  expect(told(check, troubled('registry-unavailable'))).toEqual(troubleFindings('registry-unavailable'))
  expect(check.group).toBe('registry')
})

test('another trouble is no registry that is down', () => {
  const telling = otherTroubles('registry-unavailable').filter(
    (kind) => told(check, troubled(kind)).length > 0,
  )
  expect(telling).toEqual([])
})
