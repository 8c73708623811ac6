import type { Fault } from '../../core/finding.ts'
import type { NameFact, NamesFact } from '../../facts/path/names.ts'
import { addressesText, libcLine } from '../../facts/queries/path/name-text.ts'
import { addressesIn, answerOf, verdictOf } from '../../facts/queries/path/resolver-state.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'search-domain-answer',
  group: 'path',
  title: 'no search domain answers for another name',
  fault:
    'Search domain answers: with a search domain appended, the name has other addresses, and libc asks for that name first.',
  severity: 'warning',
  advice:
    'Remove the wildcard record from the search domain, or the search domain from the resolver configuration; or write the name with a dot at its end.',
  reads: ['path.names'],
  run: ({ path: { names } }) => (names?.config ? names.names.flatMap((name) => faultOf(name, names)) : []),
})

function faultOf(name: NameFact, { config }: NamesFact): Fault[] {
  const { searched, pins } = name
  const found = searched.find((answer) => verdictOf(answer) === 'found')
  // A name without a dot is meant to be searched for.
  if (!found || pins.length > 0 || !name.name.includes('.')) return []
  const own = answerOf(name, found.resolver)
  const asIs = own ? addressesIn(own) : []
  const extended = addressesIn(found)
  if (asIs.length === 0 || extended.some((address) => asIs.includes(address))) return []
  return [
    {
      subject: name.name,
      message: `libc asks for ${found.name} first: ${addressesText(extended)} instead of ${addressesText(asIs)}`,
      because: `${config?.file} has “search ${config?.search.join(' ')}” and ndots:${config?.ndots}, and the name has fewer dots than that.`,
      evidence: [libcLine(name)],
      cause: found.name.slice(name.name.length + 1),
    },
  ]
}
