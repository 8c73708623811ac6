import type { IpsetFact, RulesFact, TableFact } from '../../../facts/runner.ts'
import type { HostAccess } from '../host-access.ts'
import { linesOf } from './lines.ts'
import { outputOf } from './program-output.ts'

/** Of all sets together: lists of banned addresses have some ten thousand. */
const maxElements = 50_000
const maxSets = 1000

/** The sets that rules of iptables name; undefined where none does, and then nothing is asked, which would load a module. */
export async function readIpsets(access: HostAccess, tables: TableFact[]): Promise<RulesFact['ipsets']> {
  const named = new Set(
    tables.flatMap(({ chains }) =>
      chains.flatMap(({ rules }) =>
        rules.flatMap((rule) => [...rule.matchAll(/ --match-set (\S+) /g)].map(([, name = '']) => name)),
      ),
    ),
  )
  if (named.size === 0) return undefined
  const output = outputOf('ipset', await access.run('ipset', ['save']))
  if (!output.ok) return { sets: [], unread: output.why }
  const sets = parseIpsets(output.text).filter(({ name }) => named.has(name))
  // The last one may lack elements.
  const cut = output.truncated ? sets.at(-1) : undefined
  if (cut) cut.incomplete = true
  return { sets }
}

const createLine = /^create (.{1,32}?) ((?:hash|bitmap|list):\S{1,32})(?: (.*))?$/

/** Parses the output of `ipset save`: `create NAME TYPE OPTIONS`, then `add NAME ELEMENT OPTIONS` for each element. */
export function parseIpsets(text: string): IpsetFact[] {
  const sets: IpsetFact[] = []
  let kept = 0
  for (const line of linesOf(text)) {
    const [, name, type, options = ''] = createLine.exec(line) ?? []
    const set = sets.at(-1)
    if (name !== undefined && type !== undefined) {
      if (sets.length === maxSets) break
      sets.push({ name, type, ...featuresOf(type, options), elements: [] })
    } else if (set && line.startsWith(`add ${set.name} `)) {
      kept += 1
      if (kept > maxElements) set.incomplete = true
      else set.elements.push(elementOf(line.slice(set.name.length + 5)))
    }
  }
  return sets
}

function featuresOf(type: string, options: string): Pick<IpsetFact, 'family' | 'netmask'> {
  const after = (name: string) => new RegExp(`(?:^| )${name} (\\S+)`).exec(options)?.[1]
  const family = after('family') ?? (type.startsWith('bitmap:ip') ? 'inet' : undefined)
  const netmask = after('netmask')
  return {
    ...(family === undefined ? {} : { family: family === 'inet6' ? 'ip6' : 'ip' }),
    ...(netmask === undefined ? {} : { netmask: Number(netmask) }),
  }
}

/** The element with what changes whether it matches; a comment, which is last, can say anything. */
function elementOf(text: string): string {
  const [element = '', ...words] = text.replace(/ comment ".*$/, '').split(' ')
  return [element, ...words.filter((word) => word === 'nomatch' || word === 'wildcard')]
    .join(' ')
    .slice(0, 200)
}
