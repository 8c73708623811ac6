import type { Fault, Severity } from '../../core/finding.ts'
import type { NamesFact } from '../../facts/path/names.ts'
import { failuresIn } from '../../facts/queries/image/failures.ts'
import {
  type Disagreement,
  type DisagreementKind,
  disagreementsIn,
} from '../../facts/queries/path/disagreements.ts'
import { answerLine, answerText, libcLine } from '../../facts/queries/path/name-text.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'resolver-disagreement',
  group: 'path',
  title: 'all DNS servers answer the same',
  fault: 'DNS servers disagree: which address a name has depends on the server that answers.',
  severity: 'warning',
  advice:
    'Configure only DNS servers that know the same names: two internal ones, or one internal server that forwards public names.',
  covers: ['name-not-resolved', 'lookup-failed'],
  reads: ['path.names'],
  consults: ['path.requests'],
  run: ({ path: { names }, image, registry }) => {
    if (!names) return []
    const hasFailed = failuresIn({ image, registry }).length > 0
    return disagreementsIn(names).flatMap((found): Fault[] => {
      const severity = severityOf(found, names, hasFailed)
      return severity ? [faultOf(found, severity, names)] : []
    })
  },
})

/**
 * That a public fallback does not know an internal name, or gives another address for it, is what such a fallback is like: worth a
 * note where names were asked for or something failed. With musl it can win the race with the internal server.
 */
function severityOf(
  { name, kind }: Disagreement,
  { libc }: NamesFact,
  hasFailed: boolean,
): Severity | undefined {
  const isAsked = name.uses.includes('names')
  if (name.pins.length > 0) return isAsked && !isFallback(kind) ? 'note' : undefined
  if (kind === 'hidden') return name.libc.state === 'found' ? 'warning' : 'error'
  const onlyIfAsked = isAsked || hasFailed ? ('note' as const) : undefined
  // Or a name whose address changes with every answer: one question to each does not tell these apart.
  if (kind === 'several') return onlyIfAsked
  return !isFallback(kind) || libc === 'musl' ? 'warning' : onlyIfAsked
}

const isFallback = (kind: DisagreementKind): boolean => kind === 'fallback' || kind === 'outside'

const fallbackTitle =
  'DNS servers differ: a later DNS server knows less than the first, which matters only while the first is down.'

const reasons: Record<DisagreementKind, string> = {
  hidden:
    'The first server that answers says that there is no such name: glibc and Go then ask no other server. musl takes whichever answer comes first.',
  inside:
    'The first server gives a public address, a later one an internal one. glibc and Go use the first server that answers; musl asks all at once, so the address changes from lookup to lookup.',
  outside:
    'The first server gives an internal address, a later one a public one: expected of a public fallback with split DNS. While the first is down, the way leads outside; musl asks all at once and may take the public address at any time.',
  several:
    'The servers give different internal addresses. glibc and Go use the first server that answers; musl asks all at once, so the address changes from lookup to lookup.',
  fallback:
    'The first server knows the name, a later one does not: expected of a public fallback for internal names. While the first is down, the name is not found; musl asks all at once and may take the wrong answer at any time.',
}

function faultOf({ name, kind, answers }: Disagreement, severity: Severity, { libc }: NamesFact): Fault {
  const [first, ...others] = answers
  const other = others.find((one) => first && answerText(one) !== answerText(first))
  const told = [first, other].filter((one) => one !== undefined)
  return {
    subject: name.name,
    severity,
    message: told.map((answer) => `${answer.resolver} answers ${answerText(answer)}`).join('; '),
    because: reasons[kind],
    evidence: [
      ...answers.map((answer) => answerLine(name.name, answer)),
      libcLine(name),
      ...(libc === 'musl' ? ['this process uses musl'] : []),
    ],
    ...(severity === 'note' && isFallback(kind) ? { title: fallbackTitle } : {}),
    cause: kind,
    explains: [name.name],
  }
}
