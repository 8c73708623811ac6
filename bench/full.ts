import { regguard } from './candidates.ts'
import type { BenchImage } from './images.ts'
import { type CommandLine, measure, median } from './measure.ts'
import type { Place } from './place.ts'

/**
 * The same work by programs of the system, as many layers at once as there are cores: each is received once, hashed as it is, unpacked
 * and hashed again.
 */
const pipeline = `
base="$1"; shift
one() { curl -sf "$base/$1" | tee /proc/self/fd/3 3> >(sha256sum >/dev/null) | gunzip -c | sha256sum >/dev/null; }
export -f one; export base
printf '%s\\n' "$@" | xargs -P "$(nproc)" -I{} bash -c 'one {}'
`

/** Measures `depth: full` without delay and TLS, beside a pipeline of curl, sha256sum and gunzip, as Markdown. */
export async function measureFull(place: Place, repository: string, image: BenchImage, rounds: number) {
  const host = place.plainHost
  const ours = regguard('--depth', 'full').on?.({
    ...{ host, repository, transport: 'http', caFile: place.caFile, folder: '', blobs: image.blobs },
  })
  if (!ours) throw new Error('regguard is not installed')
  const theirs: CommandLine = {
    command: ['bash', '-ec', pipeline, 'bash', `http://${host}/v2/${repository}/blobs`, ...image.layers],
  }
  const [us, them, peaks] = [[] as number[], [] as number[], [] as number[]]
  for (let round = 0; round < rounds; round += 1) {
    const { seconds, peakMb = 0 } = await measure(ours)
    us.push(seconds)
    peaks.push(peakMb)
    them.push((await measure(theirs)).seconds)
  }
  const [seconds, theirSeconds] = [median(us), median(them)]
  const speed = (taken: number) => `${taken.toFixed(2)} | ${Math.round(image.layerBytes / 1e6 / taken)} MB/s`
  return [
    `${Math.round(image.layerBytes / 1e6)} MB of gzip in ${image.layers.length} layers, without TLS and delay:`,
    '',
    '| | seconds | speed | ratio of speeds | memory |',
    '| --- | --- | --- | --- | --- |',
    `| curl, sha256sum, gunzip, sha256sum | ${speed(theirSeconds)} | 1 x | |`,
    `| regguard --depth full | ${speed(seconds)} | ${(theirSeconds / seconds).toFixed(2)} x | ${median(peaks)} MB |`,
  ].join('\n')
}
