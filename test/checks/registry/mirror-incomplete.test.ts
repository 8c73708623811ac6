import { expect, test } from 'vitest'
import check from '../../../src/checks/registry/mirror-incomplete.ts'
import { coveredImage, coveredRegistry, partialImage, withCoverage } from '../../support/coverage.ts'
import { faultsOf } from '../../support/facts.ts'

test('images that are not whole in a mirror are one cause, with a copy of each', () => {
  const faults = faultsOf(check, withCoverage(coveredRegistry([coveredImage(), partialImage()])))
  expect(faults).toMatchObject([
    {
      subject: 'docker.io/library/redis:7',
      message: 'not there in mirror.lan:5000; its registry has it',
      because: 'Of 5 of docker.io, mirror.lan:5000 holds 3 whole, 1 in part, 1 not there.',
      commands: ['crane copy docker.io/library/redis:7 mirror.lan:5000/library/redis:7'],
    },
    {
      message: '1 object of linux/arm64 not there: layer sha256:b8f3 in mirror.lan:5000; its registry has it',
    },
  ])
  expect(new Set(faults.map(({ cause }) => cause)).size).toBe(1)
})

test('a mirror in plain HTTP is named so to the program that copies', () => {
  const facts = withCoverage(coveredRegistry([coveredImage()]))
  expect(faultsOf(check, facts, { insecure_registry: 'mirror.lan:5000' })[0]?.commands).toEqual([
    'crane copy --insecure docker.io/library/redis:7 mirror.lan:5000/library/redis:7',
  ])
})

test('a cache is filled by a read through it', () => {
  const [fault] = faultsOf(check, withCoverage(coveredRegistry([coveredImage()], { kind: 'cache' })))
  expect(fault?.commands).toEqual(['crane validate --remote mirror.lan:5000/library/redis:7'])
  expect(fault?.advice).toContain('proxy.ttl')
})

test('an image whose registry could not be asked counts, and one that is nowhere does not', () => {
  const unknown = coveredImage({ upstream: { state: 'unknown', why: 'registry-1.docker.io: timed out' } })
  const [fault] = faultsOf(check, withCoverage(coveredRegistry([unknown])))
  expect(fault?.message).toContain(
    'its registry did not say whether it has it (registry-1.docker.io: timed out)',
  )
  const lost = coveredImage({ upstream: { state: 'lacks' } })
  expect(faultsOf(check, withCoverage(coveredRegistry([lost])))).toEqual([])
})

test('an image that another mirror of the same registry holds whole can be pulled', () => {
  const other = (images: ReturnType<typeof coveredImage>[], registry = 'docker.io') =>
    coveredRegistry(images, { mirror: 'other.lan:5000', registry })
  const here = coveredRegistry([coveredImage()])
  expect(faultsOf(check, withCoverage(here, other([])))).toEqual([])
  expect(faultsOf(check, withCoverage(here, other([], 'quay.io')))).toHaveLength(1)
  expect(faultsOf(check, withCoverage(here, other([coveredImage({ state: 'unknown' })])))).toHaveLength(1)
})
