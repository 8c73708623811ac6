import { expect, test } from 'vitest'
import check from '../../../src/checks/path/image-cached.ts'
import { type Change, digestOf, faultsOf, tagged, withFailures } from '../../support/facts.ts'

const cachedAs =
  (digest?: string, change: Change = withFailures('connection-timeout')): Change =>
  (facts) => {
    change(facts)
    facts.path.cached = [{ reference: tagged, ...(digest === undefined ? {} : { digest }) }]
  }

test('a copy is a note while pulls fail', () => {
  expect(faultsOf(check, cachedAs(digestOf('index')))).toMatchObject([
    {
      subject: tagged,
      severity: 'note',
      message: `the engine of this machine has it as ${digestOf('index')}`,
    },
  ])
})

test('a copy that was built here has no digest', () => {
  expect(faultsOf(check, cachedAs())).toMatchObject([{ message: expect.stringContaining('built here') }])
})

test('a copy of another digest than the registry serves says so', () => {
  const blobs: Change = (facts) => withFailures('storage-unreachable')(facts)
  const [fault] = faultsOf(check, cachedAs(digestOf('old'), blobs))
  expect(fault?.message).toContain(digestOf('old'))
})

test('a copy is not worth a line where pulls work, or where a login was refused', () => {
  expect(
    faultsOf(
      check,
      cachedAs(digestOf('index'), () => {}),
    ),
  ).toEqual([])
  expect(faultsOf(check, cachedAs(digestOf('index'), withFailures('access-denied')))).toEqual([])
})

test('without a copy there is no note', () => {
  expect(faultsOf(check, withFailures('connection-timeout'))).toEqual([])
})
