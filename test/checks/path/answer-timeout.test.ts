import { expect, test } from 'vitest'
import check from '../../../src/checks/path/answer-timeout.ts'
import { faultsOf, unseen, withBlob } from '../../support/facts.ts'
import { testFailureCheck } from '../../support/failure-check.ts'

testFailureCheck(check, 'answer-timeout', 'path')

test('the address that was connected to is named, because the detail does not', () => {
  const { why } = unseen('answer-timeout', 'cdn.example.com')
  const place = { addresses: ['192.0.2.10', '2001:db8::10'], port: 443 }
  const evidence = (more: Partial<typeof why>) =>
    faultsOf(check, withBlob('base layer', { seen: false, why: { ...why, ...more } }))[0]?.evidence
  expect(evidence(place)).toEqual([
    'connected to 192.0.2.10:443',
    'connected to [2001:db8::10]:443',
    'cdn.example.com said so',
  ])
  expect(evidence({ ...place, phase: 'connect' })).toEqual(['cdn.example.com said so'])
})
