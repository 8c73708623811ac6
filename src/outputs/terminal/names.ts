import { count, durationText } from '../../core/units.ts'
import type { NameFact, NamesFact } from '../../facts/path/names.ts'
import { addressesText, answerText, stateText } from '../../facts/queries/path/name-text.ts'
import type { Report } from '../../report/schema.ts'
import { clean } from './clean.ts'
import { mark } from './paint.ts'

/** Names that the settings list, and those without an address. */
const listedNames = (names: NamesFact | undefined): NameFact[] =>
  (names?.names ?? []).filter(({ uses, libc }) => uses.includes('names') || libc.state !== 'found')

/** `2 names looked up, also by each of 2 DNS servers`, where names are all that a run is about. */
export function namesTitle({ names }: Pick<Report, 'names'>): string[] {
  if (!names || listedNames(names).length === 0) return []
  return [
    `${count(names.names.length, 'name')} looked up, also by each of ${count(names.resolvers.length, 'DNS server')}`,
  ]
}

/** One line for each name: what libc makes of it, then what each DNS server says. */
export const nameLines = ({ names }: Pick<Report, 'names'>): string[] => listedNames(names).map(lineOf)

function lineOf({ name, libc, pins, answers }: NameFact): string {
  const isFound = libc.state === 'found'
  const result = isFound ? addressesText(libc.addresses) : stateText[libc.state]
  const source = pins.length > 0 ? 'hosts file' : 'libc'
  return [
    `${mark(isFound ? 'pass' : 'fail')} name      ${clean(name)} · ${source} ${result} in ${durationText(libc.ms)}`,
    ...answers.map((answer) => `${answer.resolver}: ${answerText(answer)}`),
  ].join(' · ')
}
