import { durationText } from '../../core/units.ts'
import { answerLine } from '../../facts/queries/path/name-text.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'lookup-failed',
  group: 'path',
  title: 'every name of the setting names resolves',
  fault: 'Name lookup failed: a name in the settings has no address here.',
  severity: 'error',
  advice: 'Check the spelling of the name, and that one of the configured DNS servers is responsible for it.',
  reads: ['path.names'],
  run: ({ path: { names } }) =>
    (names?.names ?? [])
      // What requests were sent to has a finding of its own.
      .filter(({ uses, libc }) => uses.every((use) => use === 'names') && libc.state !== 'found')
      .map(({ name, libc, answers }) => ({
        subject: name,
        message: `no address from libc after ${durationText(libc.ms)}`,
        evidence: answers.map((answer) => answerLine(name, answer)),
      })),
})
