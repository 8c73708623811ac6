import type { ChainFact, TableFact } from '../../../facts/runner.ts'

/** Interface names in the syntax of iptables, and of nft, which quotes every name. */
const inIptables = /(?:^| )(?:-[io]|--physdev-(?:in|out)) (\S{1,64})/g
const inNft = /"([^"\s]{1,15})"/g
/** Docker's nftables mode names chains after their bridge: filter-forward-in__br-0123456789ab. */
const inChainName = /__(\S{1,15})$/

/** How often each interface is named in the rules. */
export function interfacesIn(tables: TableFact[]): Map<string, number> {
  const counts = new Map<string, number>()
  const count = (name: string | undefined) => {
    if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  for (const { backend, chains, sets = [] } of tables) {
    const pattern = backend === 'native' ? inNft : inIptables
    const texts = [...chains.map(({ rules }) => rules), ...sets.map(({ elements }) => elements)]
    for (const text of texts.flat()) for (const [, name] of text.matchAll(pattern)) count(name)
    if (backend === 'native') for (const { name } of chains) count(inChainName.exec(name)?.[1])
  }
  return counts
}

export const chainNamed = (
  tables: TableFact[],
  of: Pick<TableFact, 'backend' | 'family' | 'name'>,
  chain: string,
): ChainFact | undefined =>
  tables
    .find(({ backend, family, name }) => backend === of.backend && family === of.family && name === of.name)
    ?.chains.find(({ name }) => name === chain)
