import type { CoveredImage, CoveredRegistry } from '../../src/facts/registry/coverage.ts'
import type { Change } from './facts.ts'
import { digestOf } from './facts.ts'

/** An image that a mirror does not have and its registry has. */
export const coveredImage = (change: Partial<CoveredImage> = {}): CoveredImage => ({
  ...{ image: 'docker.io/library/redis:7', at: 'mirror.lan:5000/library/redis:7' },
  ...{ state: 'absent', lacks: [], lackCount: 0, platforms: [] },
  upstream: { state: 'has', digest: digestOf('redis') },
  ...change,
})

/** One that it holds in part. */
export const partialImage = (change: Partial<CoveredImage> = {}): CoveredImage =>
  coveredImage({
    ...{ image: 'docker.io/library/nginx:1', at: 'mirror.lan:5000/library/nginx:1', state: 'partial' },
    ...{ lacks: ['layer sha256:b8f3'], lackCount: 1, platforms: ['linux/arm64'], digest: digestOf('nginx') },
    upstream: { state: 'has', digest: digestOf('nginx') },
    ...change,
  })

/** A mirror of Docker Hub with three images besides these. */
export function coveredRegistry(
  images: CoveredImage[],
  change: Partial<CoveredRegistry> = {},
): CoveredRegistry {
  const number = (state: CoveredImage['state']) => images.filter((one) => one.state === state).length
  return {
    ...{ mirror: 'mirror.lan:5000', registry: 'docker.io', kind: 'copy', isFailing: false },
    counts: {
      ...{ images: images.length + 3, whole: number('whole') + 3, partial: number('partial') },
      ...{ absent: number('absent'), unknown: number('unknown') },
    },
    images,
    ...change,
  }
}

/** Facts with mirrors that were asked. */
export const withCoverage =
  (...mirrors: CoveredRegistry[]): Change =>
  (facts) => {
    facts.registry.coverage = { mirrors, unmirrored: [], more: 0 }
  }
