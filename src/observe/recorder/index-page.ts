import { count } from '../../core/units.ts'
import { isoTime } from './time.ts'

/** The state of a recording. */
export interface Progress {
  startedAt: number
  everyMs: number
  /** How many samples were taken, how many of them during an outage, and when the last was taken. */
  samples: number
  outageSamples: number
  lastAt?: number
  /**
   * The first outage. `at`: its first sample; `before` and `after`: when the samples copied from before and after it were
   * taken; `until`: the first sample without the outage.
   */
  incident?: { at: number; before?: number; after?: number; until?: number }
  state: 'recording' | 'ended' | 'stopped'
  writeErrors: string[]
}

/** The first line of the page, by which a directory is recognised as a recording. */
export const title = '# Recording of a runner by regguard'

const stateTexts = {
  recording: 'still recording, or killed',
  ended: 'ended',
  stopped: 'stopped by a signal',
}

/** The page that describes the contents of the directory, for people who open it. */
export function indexPage(progress: Progress): string {
  const { startedAt, everyMs, samples, lastAt, incident, state, writeErrors } = progress
  const lines = [
    title,
    '',
    `- started ${isoTime(startedAt)}, a sample every ${everyMs / 1000} s`,
    `- ${count(samples, 'sample')}${lastAt === undefined ? '' : `, the last ${isoTime(lastAt)}`}: ${stateTexts[state]}`,
    ...outageLines(progress),
    ...writeErrors.map((error) => `- write error: ${error}`),
    '',
    '| Directory | Sample |',
    '| --- | --- |',
    ...(incident ? copyRows(incident) : []),
    '| `samples/` | the latest samples, compressed, as many as fit |',
    '',
    'A sample has all facts as JSON, for `replay`. In `before/`, `at/` and `after/` it is `facts.json`, and `rules.txt`, `links.txt`,',
    '`networks.txt`, `kernel.txt` and `ports.txt` show the same to people. Secrets are removed, and so are public addresses that do not',
    'matter for the findings; those in rules and log lines are `public-1`, `public-2`, …',
    '',
    'To get the same findings from this directory:',
    '',
    '    regguard-plugin --replay DIRECTORY',
  ]
  return `${lines.join('\n')}\n`
}

function outageLines({ incident, outageSamples }: Progress): string[] {
  if (!incident) return ['- no outage in any sample']
  return [
    `- **ports of the host stopped responding at ${isoTime(incident.at)}**, in ${count(outageSamples, 'sample')}`,
    incident.until === undefined
      ? '- they had not recovered when the last sample was taken'
      : `- they recovered at ${isoTime(incident.until)}`,
  ]
}

function copyRows({ at, before, after, until }: NonNullable<Progress['incident']>): string[] {
  const lastGood =
    before === undefined
      ? 'none: the first sample was already in the outage'
      : `${isoTime(before)}, the last before the outage`
  const later = until === undefined ? 'still in the outage' : 'the first after the outage'
  return [
    `| \`before/\` | ${lastGood} |`,
    `| \`at/\` | ${isoTime(at)}, the first of the outage |`,
    `| \`after/\` | ${after === undefined ? 'none yet' : `${isoTime(after)}, ${later}`} |`,
  ]
}
