import { proofWords } from '../src/core/proof.ts'
import type { Depth } from '../src/facts/image.ts'

/** What each depth requests, and how far that proves a blob. */
const depths: Record<Depth, { requests: string; proof: keyof typeof proofWords; means: string }> = {
  head: { requests: 'one HEAD', proof: 'listed', means: proofWords.listed.means },
  probe: {
    requests: 'one ranged GET of the last 512 bytes; one GET of the largest layer (`sample`)',
    proof: 'sampled',
    means: `${proofWords['last-byte'].means}; ${proofWords.sampled.means}`,
  },
  full: {
    requests: 'one GET of every byte',
    proof: 'unpacked',
    means: `${proofWords.whole.means}; ${proofWords.unpacked.means}`,
  },
}

/** The table of depths for README, in the words of the log. */
export function depthTable(): string {
  const rows = Object.entries(depths).map(
    ([depth, { requests, proof, means }]) =>
      `| \`${depth}\` | ${requests} | ${proofWords[proof].all} | ${means} |`,
  )
  return [
    '| `depth` | Requests per blob | The log says | What it proves |',
    '| --- | --- | --- | --- |',
    ...rows,
  ].join('\n')
}
