import { expect, test } from 'vitest'
import check from '../../../src/checks/path/lookup-failed.ts'
import { faultsOf, type Quiet, registry } from '../../support/facts.ts'
import { nameOf, withNames } from '../../support/name-facts.ts'

const server = '10.0.0.53'
const asked = (said: 'no-such-name' | 'silent' | string[]) =>
  nameOf('other.lan', { [server]: said }, { uses: ['names'] })

test('a name of the settings without an address is an error, with what each server says', () => {
  expect(faultsOf(check, withNames([asked('no-such-name'), asked('silent')]))).toMatchObject([
    {
      subject: 'other.lan',
      severity: 'error',
      message: 'no address from libc after 2 ms',
      evidence: [`${server} answers for other.lan: no such name (NXDOMAIN)`],
    },
    { message: 'no address from libc after 10 s' },
  ])
})

test.each<Quiet>([
  ['a name with an address has no finding', withNames([asked(['10.0.0.5'])])],
  [
    'a name of the path is left to name-not-resolved',
    withNames([nameOf(registry, { [server]: 'no-such-name' }, { uses: ['registry', 'names'] })]),
  ],
  ['a run that asked for no name has no finding', () => {}],
])('%s', (_sentence, change) => {
  expect(faultsOf(check, change)).toEqual([])
})
