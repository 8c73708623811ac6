import { describe, expect, test } from 'vitest'
import { checks } from '../../../src/checks/index.ts'
import type { RepositoryFact } from '../../../src/facts/image.ts'
import { ociIndex } from '../../../src/oci/media-types.ts'
import {
  absent,
  childOf,
  descriptorOf,
  digestOf,
  healthyFacts,
  imageOf,
  indexOf,
  repository,
  repositoryOf,
  settingsWith,
  unseen,
} from '../../support/facts.ts'

const depth = 6
const width = 200
const times = <T>(thing: T): T[] => Array.from({ length: width }, () => thing)

/** Six nested indexes, each of which lists the next one 200 times: far too many paths to one image to follow. */
function hostile(): RepositoryFact {
  const names = ['index', ...Array.from({ length: depth - 1 }, (_, n) => `index ${n}`)]
  const indexes = names.map((name, at) => {
    const below = names[at + 1]
    const child = below === undefined ? childOf('amd64', 'amd64') : descriptorOf(below, ociIndex)
    return [digestOf(name), indexOf(...times(child))] as const
  })
  return repositoryOf([
    ...indexes.map(([digest, index]): [string, typeof index] => [digest, index]),
    [digestOf('amd64'), imageOf('amd64 config', ...times('base layer'))],
  ])
}

/** A check walks the graph a few times, whose six indexes it meets once each; following every way takes 64 billion steps. */
const maxReads = 500

/** Ends a walk that reads the lists of children more often than that. */
function bound(fact: RepositoryFact): void {
  let reads = 0
  for (const { observed } of fact.manifests) {
    const document = observed.seen && observed.value.state === 'read' ? observed.value.document : undefined
    if (document?.kind !== 'index') continue
    const { children } = document
    Object.defineProperty(document, 'children', {
      get: () => {
        reads += 1
        if (reads > maxReads) throw new Error(`lists of children were read more than ${maxReads} times`)
        return children
      },
    })
  }
}

const settings = [
  settingsWith({ platforms: 'linux/amd64,linux/s390x' }),
  settingsWith({ platforms: 'linux/amd64', mirror: 'true' }),
]

describe.each([
  ['that is complete', () => {}],
  [
    'whose image is missing',
    (fact: RepositoryFact) => {
      for (const manifest of fact.manifests.slice(-1)) manifest.observed = absent()
    },
  ],
  [
    'whose blobs were not observed',
    (fact: RepositoryFact) => {
      for (const blob of fact.blobs) blob.observed = unseen('registry-error')
    },
  ],
])('a graph of few manifests with many ways through it, %s', (_sentence, change) => {
  test.each(checks.map((check) => [check.id, check] as const))(
    '%s judges it without following each of them',
    (_id, check) => {
      const facts = healthyFacts()
      const fact = hostile()
      change(fact)
      facts.image.repositories = [{ ...fact, name: repository }]
      bound(fact)
      const faults = settings.flatMap((given) => check.run(facts, given))
      expect(faults.length).toBeLessThanOrEqual(2 * width)
    },
  )
})
