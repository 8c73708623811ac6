import { groupInfo } from '../../core/groups.ts'
import { firstOf } from '../../core/names.ts'
import type { Report } from '../../report/schema.ts'
import type { ReportTogether } from '../../report/sections/together.ts'
import { clean } from './clean.ts'

type Named = { id: string; group: ReportTogether['rivals'][number]['group']; subject?: string }
/** How a cause is named in a report. */
type Naming = (cause: Named) => string
type Link = ReportTogether['links'][number]

/** So many relations are told; all of them are in the JSON report. */
const maxLinks = 5

/** How causes of several groups stand to each other, and which groups are ruled out; nothing where one group alone is at fault. */
export function togetherLines({ together }: Report): string[] {
  if (!together) return []
  const { first, unconnected, rivals } = together
  const nameOf = namingOf(together)
  const links = relations.flatMap((wanted) => together.links.filter(({ relation }) => relation === wanted))
  const covering = first.flatMap((one) =>
    one.covers.length > 0
      ? `${nameOf(one)} came first: ${firstOf(one.covers.map(nameOf))} ${one.covers.length === 1 ? 'is' : 'are'} listed with it.`
      : [],
  )
  const alike = [
    ...Map.groupBy(links, ({ relation, of, why }) => `${relation} ${of.id} ${of.subject} ${why}`),
  ]
  const related = alike.slice(0, maxLinks).map(([, same]) => linkText(same, nameOf))
  const more = alike.length - related.length
  return [
    ...covering,
    ...related,
    ...(more > 0 ? [`and ${more} more relations, in the JSON report (report_json).`] : []),
    ...unconnectedText(unconnected, nameOf),
    ...rivalText(
      'Ruled out',
      rivals.filter(({ ruledOut }) => ruledOut),
    ),
    ...rivalText(
      'Not ruled out',
      rivals.filter(({ ruledOut }) => !ruledOut),
    ),
  ]
}

/** What follows first: that causes have nothing to do with each other explains the least. */
const relations = ['follows', 'open', 'apart'] as const

function linkText(same: readonly Link[], nameOf: Naming): string {
  const [{ relation, of, why } = {} as Link] = same
  const names = [...new Set(same.map(({ cause }) => nameOf(cause)))]
  const verb = verbs[relation]
  const text = `${firstOf(names)} ${names.length === 1 ? verb.one : verb.several}`
  return relation === 'follows'
    ? `${nameOf(of)} came first; ${text} from it: ${clean(why)}.`
    : `${text} ${nameOf(of)}: ${clean(why)}.`
}

const verbs: Record<Link['relation'], { one: string; several: string }> = {
  follows: { one: 'follows', several: 'follow' },
  apart: { one: 'has nothing to do with', several: 'have nothing to do with' },
  open: { one: 'may follow from', several: 'may follow from' },
}

function unconnectedText(causes: readonly Named[], nameOf: Naming): string[] {
  const [first, ...others] = new Set(causes.map(nameOf))
  if (first === undefined) return []
  return [
    others.length === 0
      ? `Nothing observed connects ${first} with the others.`
      : `Nothing observed connects these: ${firstOf([first, ...others])}.`,
  ]
}

const rivalText = (title: string, rivals: ReportTogether['rivals']): string[] =>
  rivals.length === 0
    ? []
    : [
        `${title}: ${rivals.map(({ group, why }) => `the ${groupInfo[group].label} (${clean(why)})`).join('; ')}.`,
      ]

/** Names causes by their id; where several causes have it, by what each is about as well. */
function namingOf({ first, links, unconnected }: ReportTogether): Naming {
  const covers = first.flatMap((one) => one.covers.map(({ id }) => ({ id, subject: '' })))
  const causes = [...first, ...covers, ...unconnected, ...links.flatMap(({ cause, of }) => [cause, of])]
  const subjects = Map.groupBy(causes, ({ id }) => id)
  return ({ id, group, subject }) => {
    const isOne = new Set(subjects.get(id)?.map((one) => one.subject)).size < 2
    const about = isOne || subject === undefined ? '' : `, ${clean(subject)}`
    return `${clean(id)} (${groupInfo[group].label}${about})`
  }
}
