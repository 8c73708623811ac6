import { expect, test } from 'vitest'
import type { Check } from '../../src/checks/define.ts'
import type { FailureKind } from '../../src/core/failure.ts'
import type { Group } from '../../src/core/groups.ts'
import { failureFindings, faultsOf, otherFailures, registry, unseen, withFailures } from './facts.ts'

/** The tests of a check that reports one kind of failure: silent on a healthy run, one finding per host, deaf to other kinds. */
export function testFailureCheck(check: Check, kind: FailureKind, group: Group): void {
  test('a healthy run has no finding', () => {
    expect(faultsOf(check)).toEqual([])
  })

  test('one finding per host, however many objects could not be verified', () => {
    expect(faultsOf(check, withFailures(kind))).toEqual(failureFindings(kind))
    expect(check.group).toBe(group)
  })

  test('other failures are not reported', () => {
    const reported = otherFailures(kind).filter((other) => faultsOf(check, withFailures(other)).length > 0)
    expect(reported).toEqual([])
  })
}

/** The test of a check whose failure catalog-inaccessible reports instead, where it is the catalog that cannot be read. */
export function testCatalogIsLeftAlone(check: Check, kind: FailureKind): void {
  test('a catalog that may not be read is left to catalog-inaccessible', () => {
    const faults = faultsOf(check, (facts) => {
      facts.registry.catalog = { registry, listed: unseen(kind), empty: [], unread: [] }
    })
    expect(faults).toEqual([])
  })
}
