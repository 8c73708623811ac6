import { expect, test } from 'vitest'
import check from '../../../src/checks/registry/mirror-not-asked.ts'
import type { CoveredRegistry } from '../../../src/facts/registry/coverage.ts'
import { coveredImage, coveredRegistry, withCoverage } from '../../support/coverage.ts'
import { faultsOf } from '../../support/facts.ts'

const unknown = coveredImage({ state: 'unknown', upstream: { state: 'not-asked' } })
const faults = (change: Partial<CoveredRegistry>) =>
  faultsOf(check, withCoverage(coveredRegistry([unknown], change)))

test('a cache is to be looked at without its upstream', () => {
  const [fault] = faults({ kind: 'cache', why: 'it is a pull-through cache, which asking would fill' })
  expect(fault).toMatchObject({
    ...{ subject: 'mirror.lan:5000', severity: 'note' },
    message: '1 image of docker.io not known: it is a pull-through cache, which asking would fill',
    advice: expect.stringContaining('“mirror_coverage: docker.io=127.0.0.1:5055” with “mirror_kind: copy”'),
  })
  expect(fault?.commands?.[0]).toContain('/var/lib/registry:ro registry:2')
})

test('of a mirror that does not show what it is, the setting is named', () => {
  expect(faults({ kind: 'unknown', why: 'nothing shows it' })).toMatchObject([
    { severity: 'note', message: '1 image of docker.io not known: nothing shows it' },
  ])
  expect(check.advice).toContain('mirror_kind: copy')
})

test('one that does not answer is a warning', () => {
  expect(faults({ kind: 'unknown', isFailing: true, why: 'mirror.lan: refused' })).toMatchObject([
    { severity: 'warning', title: 'Mirror does not answer: it is not known which images it holds.' },
  ])
})

test('nothing is said where everything is known', () => {
  expect(faultsOf(check, withCoverage(coveredRegistry([coveredImage()])))).toEqual([])
})
