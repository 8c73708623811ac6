import type { RulesFact, TableFact } from '../../../facts/runner.ts'
import type { HostAccess } from '../host-access.ts'
import { readIpsets } from './ipsets.ts'
import { stateOfPart } from './kernel-parts.ts'
import { parseNftTable, parseTableNames, type TableName } from './nft-text.ts'
import { outputOf, type ProgramOutput } from './program-output.ts'
import { type RuleBudget, ruleBudget } from './rule-budget.ts'
import { parseSave } from './save-text.ts'

/** The rules of all backends, read once. */
export interface RuleReading
  extends Pick<RulesFact, 'tables' | 'truncated' | 'unread' | 'ipsets' | 'ebtables'> {
  /** How many rules there were, kept or not. */
  count: number
  /** A program that reads rules is not installed. */
  programMissing: boolean
}

/** Saving 100,000 rules takes 5 s (measured, iptables-nft 1.8.9). */
const saveLimitMs = 20_000
const maxNativeTables = 64
/** More than any table has whose sets are small enough to list: a list of banned addresses may have a million. */
const tableLimit = 8 * 1024 * 1024

const programPrefix = { ip: 'iptables', ip6: 'ip6tables' } as const
const families = ['ip', 'ip6'] as const

/**
 * Reads the rules of every backend, as none shows the rules of another. Only save programs are run: `iptables-legacy -L` makes
 * the kernel load the table it lists. Must only be called in the host's namespace with CAP_NET_ADMIN; elsewhere these programs
 * print an empty list and exit with code 0.
 */
export async function readRules(access: HostAccess): Promise<RuleReading> {
  const budget = ruleBudget()
  const reading: Reading = {
    ...{ access, budget, tables: [], mixed: new Set() },
    ...{ unread: [], truncated: false, programMissing: false },
  }
  const state = await stateOfPart(access, 'nf_tables')
  if (state === 'present') {
    await readNft(reading)
    await readNative(reading)
  } else if (state === 'unknown') {
    const why = 'not queried: nf_tables may not be loaded, and a query would load it'
    reading.unread.push({ backend: 'nft', why }, { backend: 'native', why })
  }
  await readLegacy(reading)
  const { tables, unread, truncated, programMissing } = reading
  const ipsets = await readIpsets(access, tables)
  const ebtables = await legacyBridgeTables(access)
  return {
    ...{ tables, unread, programMissing },
    ...(ipsets ? { ipsets } : {}),
    ...(ebtables.length > 0 ? { ebtables } : {}),
    truncated: truncated || budget.truncated(),
    count: budget.rules(),
  }
}

interface Reading {
  access: HostAccess
  budget: RuleBudget
  tables: TableFact[]
  /** Tables of iptables that also have base chains of nft. */
  mixed: Set<string>
  unread: RulesFact['unread']
  truncated: boolean
  programMissing: boolean
}

function addUnread(
  reading: Reading,
  backend: RulesFact['unread'][number]['backend'],
  { why, missing }: Extract<ProgramOutput, { ok: false }>,
): void {
  reading.unread.push({ backend, why })
  reading.programMissing ||= missing
}

async function readNft(reading: Reading): Promise<void> {
  for (const family of families) await readSave(reading, 'nft', family, `${programPrefix[family]}-nft-save`)
}

/** Only tables that already exist: their names are in a file, and reading it loads none. */
async function readLegacy(reading: Reading): Promise<void> {
  for (const family of families) {
    const path = `/proc/net/${family}_tables_names`
    const names = await reading.access.read(path)
    // A kernel without ip_tables has no such file and no legacy rules.
    if (!names.ok && names.code === 'ENOENT') continue
    if (!names.ok) reading.unread.push({ backend: 'legacy', why: `${path} cannot be read (${names.code})` })
    else if (names.text.trim() !== '')
      await readSave(reading, 'legacy', family, `${programPrefix[family]}-legacy-save`)
  }
}

/** A kernel loads the module of such a table when a program first asks for it; one with all parts built in shows none. */
async function legacyBridgeTables(access: HostAccess): Promise<string[]> {
  const modules = await access.read('/proc/modules')
  if (!modules.ok) return []
  return [...modules.text.matchAll(/^ebtable_(filter|nat|broute) /gm)].map(([, name = '']) => name)
}

async function readSave(
  reading: Reading,
  backend: 'nft' | 'legacy',
  family: 'ip' | 'ip6',
  program: string,
): Promise<void> {
  const output = outputOf(program, await reading.access.run(program, [], { timeoutMs: saveLimitMs }))
  if (!output.ok) return addUnread(reading, backend, output)
  const save = parseSave(output.text, { backend, family }, reading.budget)
  reading.tables.push(...save.tables)
  for (const name of save.mixed) reading.mixed.add(keyOf({ family, name }))
  reading.truncated ||= output.truncated
  if (save.unsupported > 0) {
    const why = `${program} cannot read parts of ${save.unsupported} rules written by a newer iptables`
    reading.unread.push({ backend, why })
  }
}

/** Tables that iptables-nft does not show: those of nft itself, firewalld, kube-proxy, netavark and Docker. */
async function readNative(reading: Reading): Promise<void> {
  const list = (args: string[], limit?: number): Promise<ProgramOutput> =>
    reading.access
      .run('nft', args, { timeoutMs: saveLimitMs, ...(limit === undefined ? {} : { limit }) })
      .then((run) => outputOf('nft', run))
  const names = await list(['list', 'tables'])
  if (!names.ok) return addUnread(reading, 'native', names)
  const shown = new Set(reading.tables.map(keyOf))
  const native = parseTableNames(names.text).filter(
    (table) => !shown.has(keyOf(table)) || reading.mixed.has(keyOf(table)),
  )
  reading.truncated ||= native.length > maxNativeTables
  for (const { family, name } of native.slice(0, maxNativeTables)) {
    // -s omits counters, -t the contents of sets, where they are too large.
    const whole = await list(['-s', 'list', 'table', family, name], tableLimit)
    const tooLarge = whole.ok && whole.truncated
    const output = tooLarge ? await list(['-s', '-t', 'list', 'table', family, name]) : whole
    const table = output.ok ? parseNftTable(output.text, reading.budget) : undefined
    if (tooLarge) for (const set of table?.sets ?? []) set.incomplete = true
    if (table) reading.tables.push(withoutSaved(table, reading))
    reading.truncated ||= output.ok && output.truncated
    // nft reports a table that was removed meanwhile like this; it is not unread.
    if (!output.ok && !output.why.includes('No such file or directory')) addUnread(reading, 'native', output)
  }
}

const keyOf = ({ family, name }: TableName): string => `${family} ${name}`

/** Without the chains that iptables-save has printed. */
function withoutSaved(table: TableFact, { tables, mixed }: Reading): TableFact {
  if (!mixed.has(keyOf(table))) return table
  const saved = new Set(
    tables
      .filter((one) => keyOf(one) === keyOf(table))
      .flatMap(({ chains }) => chains.map(({ name }) => name)),
  )
  return { ...table, chains: table.chains.filter(({ name }) => !saved.has(name)) }
}
