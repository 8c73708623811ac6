import { checks } from '../../checks/index.ts'
import { groupInfo, groups } from '../../core/groups.ts'
import { clean } from '../../outputs/terminal/clean.ts'
import { paint } from '../../outputs/terminal/paint.ts'
import { editDistance } from '../../settings/names.ts'
import type { CommandText } from '../io.ts'
import { pageText } from '../pages.ts'

/**
 * The page of a finding, by its id or by a part that only this id has; without an id, the list of all findings. If there is no
 * such page, the ids that match or the closest one.
 */
export async function explainText(id: string | undefined): Promise<CommandText> {
  if (id === undefined) return { ok: true, text: allFindings() }
  const matches = matching(id)
  const [only, ...others] = matches
  const page = only !== undefined && others.length === 0 ? await pageText(only) : undefined
  if (page !== undefined) return { ok: true, text: page.replace(/^#+ .*$/gm, paint.bold) }
  if (matches.length > 0) {
    const found = checks.filter((check) => matches.includes(check.id))
    return { ok: false, text: [`“${clean(id)}” matches:`, ...listed(found), ''].join('\n') }
  }
  const near = nearest(id)
  const hint = near === undefined ? '“regguard-plugin explain” lists them' : `did you mean ${near}?`
  return { ok: false, text: `There is no finding “${clean(id)}”; ${hint}\n` }
}

const ids = checks.map(({ id }) => id)

const canonicalId = (id: string): string => id.toLowerCase().replace(/[_\s]/g, '-')

/** The finding with this id, else those whose ids start with it, else those whose ids contain it. */
function matching(text: string): string[] {
  const wanted = canonicalId(text)
  if (wanted === '') return []
  if (ids.includes(wanted)) return [wanted]
  const starting = ids.filter((id) => id.startsWith(wanted))
  return starting.length > 0 ? starting : ids.filter((id) => id.includes(wanted))
}

/** The closest id, if at most four letters differ. */
function nearest(text: string): string | undefined {
  const [near] = ids
    .map((id) => ({ id, distance: editDistance(canonicalId(text), id) }))
    .sort((a, b) => a.distance - b.distance)
  return near && near.distance <= 4 ? near.id : undefined
}

function allFindings(): string {
  const blocks = groups.map((group) => [
    paint.bold(`${groupInfo[group].label}: ${groupInfo[group].about}`),
    ...listed(checks.filter((check) => check.group === group)),
    '',
  ])
  return [...blocks.flat(), '“regguard-plugin explain ID” prints the page of one.', ''].join('\n')
}

const width = Math.max(...ids.map(({ length }) => length))

const listed = (found: readonly { id: string; fault: string }[]): string[] =>
  found.map(({ id, fault }) => `  ${id.padEnd(width)}  ${fault}`)
