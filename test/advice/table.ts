import { networkTable } from './table-networks.ts'
import { packetTable } from './table-packets.ts'
import { ruleTable } from './table-rules.ts'
import type { Uses } from './uses.ts'

/** Every command of the runner group's pages and advice, by finding or by the file that words it. */
export const table: Record<string, Uses> = { ...ruleTable, ...networkTable, ...packetTable }
