import { expect, test } from 'vitest'
import check from '../../../src/checks/path/pin-wrong-host.ts'
import { all, faultsOf, type Quiet, registry, unseen, withBlob } from '../../support/facts.ts'
import { alive, dead, nameOf, withNames } from '../../support/name-facts.ts'

const server = '10.0.0.53'
const current = '10.0.0.5'
const wrong = '10.0.0.10'
const name = nameOf(registry, { [server]: [current] }, { pins: [wrong], dialled: [alive(current)] })
const mismatch = withBlob('base layer', unseen('tls-name-mismatch'))

test.each(['tls-name-mismatch', 'not-a-registry', 'tls-untrusted'] as const)(
  '%s at a pinned address is an error where the address from DNS answers as this host',
  (kind) => {
    expect(faultsOf(check, all(withNames([name]), withBlob('base layer', unseen(kind))))).toEqual([
      {
        subject: registry,
        severity: 'error',
        message: `pinned to ${wrong}: the case of ${kind}; ${current} answers as this host`,
        evidence: [`${current}: HTTP 401, certificate of ${registry}`],
        explains: [registry],
      },
    ])
  },
)

test.each<Quiet>([
  ['a pin without a failure has no finding', withNames([name])],
  [
    'another failure has no finding',
    all(withNames([name]), withBlob('base layer', unseen('answer-timeout'))),
  ],
  [
    'another host has no finding',
    all(withNames([name]), withBlob('base layer', unseen('tls-name-mismatch', 'a.lan'))),
  ],
  ['a name that is not pinned has no finding', all(withNames([{ ...name, pins: [] }]), mismatch)],
  [
    'an address from DNS that does not answer proves nothing',
    all(withNames([{ ...name, dialled: [dead(current)] }]), mismatch),
  ],
  ['a run that asked for no name has no finding', mismatch],
])('%s', (_sentence, change) => {
  expect(faultsOf(check, change)).toEqual([])
})
