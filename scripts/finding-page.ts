import type { Check } from '../src/checks/define.ts'
import { checks } from '../src/checks/index.ts'
import { earlierThan, laterThan } from '../src/explain/together/pages.ts'

const related = '\n## Related findings\n'

/** The page of a check: everything above its first heading is generated, and its last part; the rest is written by hand. */
export function findingPage(old: string, { id, group, severity, fault }: Check): string {
  const start = old.indexOf('\n## ')
  if (old !== '' && start < 0) throw new Error(`docs/findings/${id}.md has no heading “## …”`)
  return `# ${id}\n\nGroup: ${group} · severity: ${severity}\n\n${fault}\n${start < 0 ? '' : old.slice(start).split(related)[0]}${relatedPages(id)}`
}

/** The findings that one can come from and lead to, so that pages link both ways. */
function relatedPages(id: string): string {
  const lines = [
    ['It can follow from', earlierThan(id, checks)],
    ['It can lead to', laterThan(id, checks)],
  ] as const
  const texts = lines
    .filter(([, ids]) => ids.length > 0)
    .map(([text, ids]) => `${text}:\n${ids.map((one) => `[${one}](${one}.md)`).join(',\n')}.\n`)
  return texts.length > 0 ? `${related}${texts.join('\n')}` : ''
}
