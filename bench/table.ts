import type { Row } from './compare.ts'

/** A table of one case as Markdown. */
export function table(rows: Row[]): string {
  return [
    '| | seconds | ratio | requests | connections | received | memory |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...rows.map(({ name, result }) =>
      result === undefined
        ? `| ${name} | not installed | | | | | |`
        : `| ${name} | ${[
            ...[secondsText(result.seconds), `${result.ratio.toFixed(2)} x`],
            ...[result.requests, result.connections, sizeText(result.bytes)],
            result.peakMb === undefined ? '' : `${result.peakMb} MB`,
          ].join(' | ')} |`,
    ),
  ].join('\n')
}

/** Seconds with as many digits as matter. */
export const secondsText = (seconds: number): string => seconds.toFixed(seconds < 10 ? 2 : 1)

const sizeText = (bytes: number): string =>
  bytes < 1e6 ? `${Math.round(bytes / 1000)} kB` : `${Math.round(bytes / 1e6)} MB`
