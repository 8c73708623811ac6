import { expect, test } from 'vitest'
import check from '../../../src/checks/registry/mirror-outdated.ts'
import { coveredImage, coveredRegistry, withCoverage } from '../../support/coverage.ts'
import { digestOf, faultsOf } from '../../support/facts.ts'

test('a tag that refers to another image in its registry is outdated', () => {
  const old = coveredImage({ state: 'whole', digest: digestOf('old') })
  expect(faultsOf(check, withCoverage(coveredRegistry([old])))).toMatchObject([
    {
      severity: 'warning',
      message: 'mirror.lan:5000 serves another image',
      ...{ expected: digestOf('redis'), actual: digestOf('old') },
      commands: ['crane copy docker.io/library/redis:7 mirror.lan:5000/library/redis:7'],
    },
  ])
})

test('the same image, or a registry that was not asked, is none', () => {
  const same = coveredImage({ state: 'whole', digest: digestOf('redis') })
  const unknown = coveredImage({ state: 'whole', digest: digestOf('old'), upstream: { state: 'unknown' } })
  expect(faultsOf(check, withCoverage(coveredRegistry([same, unknown])))).toEqual([])
})
