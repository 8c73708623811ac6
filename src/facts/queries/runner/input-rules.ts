import { holds, isVersion6 } from '../../../net/ip.ts'
import type { ChainFact, RulesFact, TableFact } from '../../runner.ts'

/** What the host's packet filter does with TCP connections to one of its own ports, as far as its rules show without a packet. */
export interface InputRules {
  /** Chains at the input hook with the policy DROP. */
  dropPolicies: string[]
  /** Rules that drop the connections, and whether they drop only TCP. */
  drops: { rule: string; tcpOnly: boolean }[]
  /** Rules that reject the connections. */
  rejects: string[]
}

/** Reads the chains at the input hook, and those they jump to, for connections to `port` of `address` from its own subnet. */
export function inputRules({ tables }: RulesFact, address: string, port: number): InputRules {
  const found: InputRules = { dropPolicies: [], drops: [], rejects: [] }
  const families = isVersion6(address) ? ['ip6', 'inet'] : ['ip', 'inet']
  for (const table of tables.filter(({ family, name }) => families.includes(family) && name !== 'nat')) {
    for (const chain of table.chains.filter(isInput)) {
      if (/^drop$/i.test(chain.policy ?? '')) found.dropPolicies.push(nameOf(table, chain))
      for (const { name, rules } of reachable(table, chain)) {
        for (const rule of rules) {
          const condition = withoutComment(rule)
          const verdict = verdictOf(condition)
          const matched = verdict && matches(condition, address, port)
          if (!matched) continue
          const text = `${nameOf(table, { name })}: ${rule}`
          if (verdict === 'drop') found.drops.push({ rule: text, tcpOnly: matched === 'tcp' })
          else found.rejects.push(text)
        }
      }
    }
  }
  return found
}

const isInput = ({ name, hook }: ChainFact): boolean => /^input$/i.test(hook ?? name)

const nameOf = ({ backend, family, name }: TableFact, chain: { name: string }): string =>
  `${backend === 'native' ? 'nft' : family === 'ip6' ? 'ip6tables' : 'iptables'} ${name} ${chain.name}`

/** A chain and every chain that its rules jump to. */
function reachable({ chains }: TableFact, first: ChainFact): ChainFact[] {
  const byName = new Map(chains.map((chain) => [chain.name, chain]))
  const seen = new Set([first])
  for (const { rules } of seen) {
    for (const rule of rules) {
      const target = /(?:^|\s)(?:-[jg]|jump|goto)\s+(\S+)/.exec(withoutComment(rule))?.[1]
      const next = target === undefined ? undefined : byName.get(target)
      if (next) seen.add(next)
    }
  }
  return [...seen]
}

/** A comment can hold any text, even what looks like a verdict. */
const withoutComment = (rule: string): string =>
  rule.replace(/--comment (?:"(?:[^"\\]|\\.)*"|\S+)/g, '').replace(/ comment "[^"]*"/g, '')

function verdictOf(rule: string): 'drop' | 'reject' | undefined {
  if (/(?:^|\s)(?:-j DROP|drop)(?:\s|$)/.test(rule)) return 'drop'
  return /(?:^|\s)(?:-j REJECT|reject)(?:\s|$)/.test(rule) ? 'reject' : undefined
}

/**
 * Whether a new TCP connection from a container is known to match the rule. Any other condition (marks, sets, rates, states)
 * counts as not met.
 */
function matches(rule: string, address: string, port: number): 'tcp' | 'any' | undefined {
  let left = ` ${rule.replace(/\s+/g, ' ')} `
  let tcp = false
  let applies = true
  const take = (pattern: RegExp, meets: (value: string) => boolean = () => true, isTcp = false) => {
    left = left.replace(pattern, (_whole, value: string = '') => {
      if (!meets(value)) applies = false
      if (isTcp) tcp = true
      return ' '
    })
  }
  take(/ -p (?:tcp|6) /, undefined, true)
  take(/ (?:meta l4proto|ip protocol|ip6 nexthdr) tcp /, undefined, true)
  take(/ tcp dport (\{[^}]*\}|\S+) /, (ports) => includesPort(ports, port), true)
  take(/ --dports? (\S+) /, (ports) => includesPort(ports, port))
  take(/ (?:--syn|--tcp-flags \S+ SYN) /)
  take(/ (?:-s|ip6? saddr) (\S+) /, (network) => holds(network, address))
  take(/ (?:-d|ip6? daddr) (\S+) /, (network) => holds(network, address))
  take(/ ! -i lo /)
  take(/ iifname != "?lo"? /)
  take(/ (?:-i|iifname) (\S+) /, (device) => device.replaceAll('"', '') !== 'lo')
  take(/ (?:--ctstate|--state|ct state) (\S+) /, (states) => /\bnew\b/i.test(states))
  take(/ --dst-type LOCAL /)
  take(/ -m (?:tcp|comment|multiport|addrtype|conntrack|state)(?= )/g)
  take(/ (?:-j (?:DROP|REJECT)(?: --reject-with \S+)?|counter|drop|reject(?: with .*)?)(?= )/g)
  return applies && left.trim() === '' ? (tcp ? 'tcp' : 'any') : undefined
}

const includesPort = (ports: string, port: number): boolean =>
  ports
    .replaceAll(/[{}\s]/g, '')
    .split(',')
    .some((part) => {
      const [from, to = from] = part.split(/[:-]/).map(Number)
      return from !== undefined && to !== undefined && from <= port && port <= to
    })
