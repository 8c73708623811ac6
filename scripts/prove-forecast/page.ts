import type { Tally } from '../../test/storage/batch.ts'

interface Run extends Tally {
  seed: number
  date: Date
}

/** How many storages the script tries by default. */
const usualCount = 20_000

const endNames: Record<string, string> = {
  through: 'went through',
  mark: 'stopped while marking',
  revisions: 'stopped while it removed revisions',
  list: 'stopped while it listed the blobs',
  blobs: 'stopped while it removed blobs',
  layers: 'stopped while it removed layer links',
}

/** docs/forecast.md: what the collections of one run showed. */
export function forecastPage({ roots, ends, removedFiles, disagreements, seed, date }: Run): string {
  const rows = Object.entries(ends)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, count]) => {
      const [options = '', end = ''] = key.split(', ')
      return `| ${options} | ${endNames[end] ?? end} | ${count} |`
    })
  return `# The registry as judge of the forecast

The scan of a registry's storage says what the next \`registry garbage-collect\` does: where it stops, which images break, what is lost for
good, which bytes it frees. \`npm run prove:forecast\` checks that against the real programs, 2.8.2 and 3.1.2, with and without
\`--delete-untagged\`: it generates storages, lets the program loose on them, and compares. This page is the result of its run of
${date.toISOString().slice(0, 10)}, from seed ${seed}.

A storage has one to four repositories, nested ones among them, whose names are in another order on a disk than in S3; images, indexes,
indexes of indexes, indexes with absent children and without a media type, manifests with keys in another case or twice, referrers by
\`subject\` and by tag, layers shared between repositories, blobs named by SHA-512 as a push and as a mount leave them, moved tags. Half of
the storages have an index that all their repositories share, and links of what several share are lost in one of them more often than
others. To that comes damage: lost links, data, tags and folders; links that name another digest; empty, cut or malformed files; unknown
media types, schema 1; stray files and folders; names that the registry refuses.

Compared are: whether the dry run and the collection end with an error; which files are gone afterwards, by the step in which it stopped; what
the dry run prints; and, where it went through, which images could be pulled before and cannot be after.

| Storages | Collections | Files removed | Disagreements |
| --- | --- | --- | --- |
| ${roots} | ${Object.values(ends).reduce((sum, count) => sum + count, 0)} | ${removedFiles} | ${disagreements.length} |
${roots < usualCount ? '\nThe run was ended before the 20,000 storages that the script tries by default.\n' : ''}
| Collection | It | Times |
| --- | --- | --- |
${rows.join('\n')}

Storages that the collection goes through are tried up to 100 at a time as one storage, with a folder for each; the others are tried
alone. Where it stops among blobs or layer links, it has removed some of them in a random order: which, is not compared.

Not tried: symbolic links, which the registry follows and the scan does not; files that the registry may not read. On S3, a test compares
the dry runs of a few storages with the forecast; the deletions themselves are not tried there.
${disagreements.length === 0 ? '' : `\n## Disagreements\n\n${disagreements.map((line) => `- ${line}\n`).join('')}`}`
}
