import type { CoverageFact, CoveredImage, CoveredRegistry } from '../../registry/coverage.ts'

/** What another mirror of the same registry holds of an image, the best of them; undefined where there is no other. */
export function inOtherMirrors(
  { mirrors }: CoverageFact,
  covered: CoveredRegistry,
  image: string,
): CoveredImage['state'] | undefined {
  const states = mirrors
    .filter((other) => other !== covered && other.registry === covered.registry)
    // Whole images are counted, and not listed.
    .map(({ images }) => images.find((one) => one.image === image)?.state ?? 'whole')
  return (['whole', 'unknown', 'partial', 'absent'] as const).find((state) => states.includes(state))
}
