import { expect, test } from 'vitest'
import check from '../../../src/checks/registry/image-nowhere.ts'
import { coveredImage, coveredRegistry, partialImage, withCoverage } from '../../support/coverage.ts'
import { faultsOf } from '../../support/facts.ts'

test('an image that neither its registry nor the mirror has whole is an error', () => {
  const lost = { upstream: { state: 'lacks' as const } }
  const facts = withCoverage(coveredRegistry([coveredImage(lost), partialImage(lost)]))
  expect(faultsOf(check, facts)).toMatchObject([
    {
      subject: 'docker.io/library/redis:7',
      severity: 'error',
      message: 'docker.io does not have it; in mirror.lan:5000: not there',
      commands: ['ctr -n k8s.io images push docker.io/library/redis:7'],
    },
    { subject: 'docker.io/library/nginx:1' },
  ])
})

test('one that only the mirror has, or of which nothing is known, is none', () => {
  const kept = coveredImage({ state: 'whole', upstream: { state: 'lacks' } })
  const unknown = coveredImage({ state: 'unknown', upstream: { state: 'not-asked' } })
  expect(faultsOf(check, withCoverage(coveredRegistry([kept, unknown, coveredImage()])))).toEqual([])
})

test('one that another mirror of the same registry holds, or may hold, is none', () => {
  const lost = coveredImage({ upstream: { state: 'lacks' } })
  const other = (images: ReturnType<typeof coveredImage>[]) =>
    coveredRegistry(images, { mirror: 'other.lan:5000' })
  const here = coveredRegistry([lost])
  expect(faultsOf(check, withCoverage(here, other([])))).toEqual([])
  expect(faultsOf(check, withCoverage(here, other([{ ...lost, state: 'unknown' }])))).toEqual([])
  expect(faultsOf(check, withCoverage(here, other([lost])))).toHaveLength(2)
})
