import { parseIpv4Network } from '../../../net/ip.ts'
import type { BaseChain } from './model.ts'

/** A destination that a rule names. */
export interface Destination {
  address: bigint
  port: bigint
}

const maxDestinations = 32
const network = /(?:-d |\bip daddr (?:!= )?)(\d+\.\d+\.\d+\.\d+(?:\/\d+)?)/
const port = /(?:--dports? |\bdport (?:\{ )?)(\d+)/

/** Destinations that the rules of a base chain and its jumps name: where only some are allowed, rules name them. */
export function otherDestinations({ table }: BaseChain): Destination[] {
  const found = new Map<string, Destination>()
  for (const { rules } of table.chains.values()) {
    for (const { text } of rules()) {
      const to = network.exec(text)?.[1]
      const at = port.exec(text)?.[1]
      const range = to === undefined ? undefined : parseIpv4Network(to)
      if (found.size >= maxDestinations) return [...found.values()]
      if (range)
        found.set(`${to} ${at}`, {
          address: range.last > range.first ? range.first + 1n : range.first,
          port: BigInt(at ?? 443),
        })
    }
  }
  return [...found.values()]
}
