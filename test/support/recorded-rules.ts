import { readFile } from 'node:fs/promises'
import type { LinkFact, NetworkFact, TableFact } from '../../src/facts/runner.ts'
import { parseNftTable } from '../../src/observe/runner/host/nft-text.ts'
import { ruleBudget } from '../../src/observe/runner/host/rule-budget.ts'
import { inspectedAt, linkOf, minute } from './runner-facts.ts'

const folder = new URL('../recorded/runner/', import.meta.url)

export const recorded = (name: string): Promise<string> => readFile(new URL(name, folder), 'utf8')

/** The tables in the output of `iptables-save`. */
export function savedTables(
  text: string,
  backend: 'nft' | 'legacy' = 'nft',
  family: 'ip' | 'ip6' = 'ip',
): TableFact[] {
  const tables: TableFact[] = []
  for (const line of text.split('\n')) {
    const table = tables.at(-1)
    const [, chain = '', policy = ''] = /^:(\S+) (\S+)/.exec(line) ?? []
    const [, to = '', rule = ''] = /^-A (\S+) (.*)$/.exec(line) ?? []
    if (line.startsWith('*')) tables.push({ backend, family, name: line.slice(1), chains: [] })
    // moby's documents list a chain again where they explain it.
    else if (chain && !table?.chains.some(({ name }) => name === chain))
      table?.chains.push({
        name: chain,
        rules: [],
        ...(policy === '-' ? {} : { policy, hook: chain }),
      })
    else if (to) table?.chains.find(({ name }) => name === to)?.rules.push(rule)
  }
  return tables
}

/** The table in the output of `nft list table`. */
export function listedTable(text: string): TableFact {
  const table = parseNftTable(text, ruleBudget())
  if (!table) throw new Error('the text holds no table')
  return table
}

interface Recorded {
  links: string[]
  networks: {
    id: string
    name: string
    driver: string
    internal: boolean
    subnets: string[]
    options: Record<string, string>
  }[]
}

/** Networks and links of a private engine, as it reported them when its rules were saved. */
export async function recordedEngine(name: string): Promise<{ networks: NetworkFact[]; links: LinkFact[] }> {
  const { links, networks } = JSON.parse(await recorded(name)) as Recorded
  return {
    links: links.map((link, at) => linkOf(link, at + 1, { kind: link === 'lo' ? '' : 'bridge' })),
    networks: networks.map(({ id, name, driver, internal, subnets, options }) => ({
      ...{ id, name, driver, internal, subnets, gateways: [], endpoints: 0, owner: 'other' },
      ...(driver === 'bridge'
        ? { bridge: options['com.docker.network.bridge.name'] ?? `br-${id.slice(0, 12)}` }
        : {}),
      masquerade: options['com.docker.network.bridge.enable_ip_masquerade'] !== 'false',
      createdAt: inspectedAt - 10 * minute,
    })),
  }
}
