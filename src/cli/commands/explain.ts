import { checks } from '../../checks/index.ts'
import { editDistance } from '../../settings/names.ts'
import { pageText } from '../pages.ts'

/** What `explain` says: the page of a finding, or the list of all; `ok` is false when there is no such finding. */
export async function explainText(id: string | undefined): Promise<{ ok: boolean; text: string }> {
  if (id === undefined) return { ok: true, text: allFindings() }
  const page = await pageText(id)
  if (page !== undefined) return { ok: true, text: page }
  const [near] = checks
    .map((check) => ({ id: check.id, distance: editDistance(id, check.id) }))
    .sort((a, b) => a.distance - b.distance)
  const hint = near && near.distance <= 4 ? `did you mean ${near.id}?` : 'regguard-plugin explain lists them'
  return { ok: false, text: `There is no finding “${id}”; ${hint}\n` }
}

function allFindings(): string {
  const width = Math.max(...checks.map(({ id }) => id.length))
  return checks.map(({ id, group, fault }) => `${id.padEnd(width)}  ${group.padEnd(8)}  ${fault}\n`).join('')
}
