import { time } from './tell.ts'

/** What is known of a recording. */
export interface Progress {
  startedAt: number
  everyMs: number
  /** Samples taken; those in which ports were dead; when the last was taken. */
  samples: number
  failed: number
  lastAt?: number
  incident?: { at: number; before?: number; after?: number; until?: number }
  state: 'recording' | 'ended' | 'stopped'
  failures: string[]
}

/** The first line tells that a directory is a recording. */
export const title = '# Recording of a runner by regguard'

/** The page that says what is in the directory, for whoever opens it. */
export function indexPage({
  startedAt,
  everyMs,
  samples,
  failed,
  lastAt,
  incident,
  state,
  failures,
}: Progress): string {
  const states = { recording: 'still recording, or killed', ended: 'ended', stopped: 'stopped by a signal' }
  const lines = [
    title,
    '',
    `- began ${time(startedAt)}, a sample every ${everyMs / 1000} s`,
    `- ${samples} samples${lastAt === undefined ? '' : `, the last ${time(lastAt)}`}: ${states[state]}`,
    ...(incident
      ? [
          `- **ports of the host were dead at ${time(incident.at)}**, in ${failed} samples`,
          incident.until === undefined
            ? '- they had not come back when the last sample was taken'
            : `- they were back at ${time(incident.until)}`,
        ]
      : ['- no port of the host was dead in any of them']),
    ...failures.map((failure) => `- trouble: ${failure}`),
    '',
    '| Directory | Sample |',
    '| --- | --- |',
    ...(incident
      ? [
          `| \`before/\` | ${incident.before === undefined ? 'none: the first sample was bad already' : `${time(incident.before)}, the last good one`} |`,
          `| \`at/\` | ${time(incident.at)}, the first bad one |`,
          `| \`after/\` | ${incident.after === undefined ? 'none yet' : `${time(incident.after)}, ${incident.until === undefined ? 'the ports still dead' : 'the first good one again'}`} |`,
        ]
      : []),
    '| `samples/` | the latest, compressed, as many as there is room for |',
    '',
    'In each: `facts.json` is all of it, for `replay`; `rules.txt`, `links.txt`, `networks.txt`, `kernel.txt` and `ports.txt` are for',
    'people. Secrets are left out, and public addresses that say nothing of the fault; those in rules are `public-1`, `public-2`, …',
    '',
    'The same findings from this directory: `regguard-plugin --replay DIRECTORY --checks runner`',
  ]
  return `${lines.join('\n')}\n`
}
