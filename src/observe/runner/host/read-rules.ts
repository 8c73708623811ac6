import type { RulesFact, TableFact } from '../../../facts/runner.ts'
import type { HostAccess } from '../host-access.ts'
import { type Output, outputOf } from './area.ts'
import { nfTablesState } from './nf-tables.ts'
import { parseNftTable, parseTableNames, type TableName } from './nft-text.ts'
import { type RuleBudget, ruleBudget } from './rule-budget.ts'
import { parseSave } from './save-text.ts'

/** All backends, read once. */
export interface RuleReading extends Pick<RulesFact, 'tables' | 'truncated' | 'unread'> {
  /** How many rules there were, kept or not. */
  count: number
}

/** A save of 100,000 rules takes 5 s (measured, iptables-nft 1.8.9). */
const saveLimitMs = 20_000
const maxNativeTables = 64
/** Docker's nftables mode keeps in maps which bridge has which chains. Others keep there every service or every banned address. */
const dockerTable = 'docker-bridges'

const tool = { ip: 'iptables', ip6: 'ip6tables' } as const
const families = ['ip', 'ip6'] as const

/**
 * Reads the rules of every backend: neither sees what the others made. The programs that save are the only ones that are
 * run: `iptables-legacy -L` makes the kernel load the table it is asked for. May only be called where the namespace is the
 * host's and CAP_NET_ADMIN is effective; elsewhere these programs print an empty list and exit with 0.
 */
export async function readRules(access: HostAccess): Promise<RuleReading> {
  const budget = ruleBudget()
  const reading: Reading = { access, budget, tables: [], unread: [], cut: false }
  const state = await nfTablesState(access)
  if (state === 'present') {
    await readNft(reading)
    await readNative(reading)
  } else if (state === 'unknown') {
    const why = 'whether nf_tables is loaded cannot be told, and asking it would load it'
    reading.unread.push({ backend: 'nft', why }, { backend: 'native', why })
  }
  await readLegacy(reading)
  const { tables, unread, cut } = reading
  return { tables, unread, truncated: cut || budget.truncated(), count: budget.rules() }
}

interface Reading {
  access: HostAccess
  budget: RuleBudget
  tables: TableFact[]
  unread: RulesFact['unread']
  cut: boolean
}

async function readNft(reading: Reading): Promise<void> {
  for (const family of families) await readSave(reading, 'nft', family, `${tool[family]}-nft-save`)
}

/** Only tables that are there already: their names are in a file that reading does not change. */
async function readLegacy(reading: Reading): Promise<void> {
  for (const family of families) {
    const path = `/proc/net/${family}_tables_names`
    const names = await reading.access.read(path)
    // Without ip_tables in the kernel there is no such file, and no such rule.
    if (!names.ok && names.code === 'ENOENT') continue
    if (!names.ok) reading.unread.push({ backend: 'legacy', why: `${path} cannot be read (${names.code})` })
    else if (names.text.trim() !== '')
      await readSave(reading, 'legacy', family, `${tool[family]}-legacy-save`)
  }
}

async function readSave(
  reading: Reading,
  backend: 'nft' | 'legacy',
  family: 'ip' | 'ip6',
  program: string,
): Promise<void> {
  const output = outputOf(program, await reading.access.run(program, [], { timeoutMs: saveLimitMs }))
  if (!output.ok) return void reading.unread.push({ backend, why: output.why })
  const save = parseSave(output.text, { backend, family }, reading.budget)
  reading.tables.push(...save.tables)
  reading.cut ||= output.truncated
  if (save.unsupported > 0) {
    const why = `${save.unsupported} rules of a newer iptables have parts that ${program} cannot read`
    reading.unread.push({ backend, why })
  }
}

/** Tables that iptables-nft did not show: nft's own, firewalld's, kube-proxy's, netavark's, Docker's. */
async function readNative(reading: Reading): Promise<void> {
  const list = (...args: string[]): Promise<Output> =>
    reading.access.run('nft', args, { timeoutMs: saveLimitMs }).then((run) => outputOf('nft', run))
  const names = await list('list', 'tables')
  if (!names.ok) return void reading.unread.push({ backend: 'native', why: names.why })
  const shown = new Set(reading.tables.map(keyOf))
  const native = parseTableNames(names.text).filter((table) => !shown.has(keyOf(table)))
  reading.cut ||= native.length > maxNativeTables
  for (const { family, name } of native.slice(0, maxNativeTables)) {
    // Without counters; and without the contents of sets, which may be large.
    const how = name === dockerTable ? ['-s'] : ['-s', '-t']
    const output = await list(...how, 'list', 'table', family, name)
    const table = output.ok ? parseNftTable(output.text, reading.budget) : undefined
    if (table) reading.tables.push(table)
    reading.cut ||= output.ok && output.truncated
    // A table that went while we looked is none that could not be read.
    if (!output.ok && !output.why.includes('No such file or directory'))
      reading.unread.push({ backend: 'native', why: output.why })
  }
}

const keyOf = ({ family, name }: TableName): string => `${family} ${name}`
