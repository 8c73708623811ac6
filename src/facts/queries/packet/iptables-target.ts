import { parseAddress } from '../../../net/ip.ts'
import type { Step, Translation, Verdict } from './model.ts'
import { numberIn, rangePattern } from './values.ts'

const all = 0xffff_ffffn

/** A match of the protocol; `all` and 0 are any. */
export function protocolMatch(protocol: bigint | undefined, negated: boolean): Step[] | undefined {
  if (protocol === undefined) return undefined
  if (protocol === 0n) return []
  return [
    {
      kind: 'match',
      keys: [{ field: 'protocol' }],
      elements: [{ patterns: [{ first: protocol, last: protocol }] }],
      incomplete: false,
      negated,
    },
  ]
}

/** Targets after which the next rule follows, and that change nothing that another rule or the route depends on. */
const passive = new Set([
  ...['LOG', 'NFLOG', 'ULOG', 'TRACE', 'AUDIT', 'TCPMSS', 'TCPOPTSTRIP', 'CHECKSUM', 'CLASSIFY', 'DSCP'],
  ...['TOS', 'TTL', 'HL', 'ECN', 'SECMARK', 'CONNSECMARK', 'RATEEST', 'LED', 'IDLETIMER', 'SET', 'TEE'],
])

const plain: Record<string, Verdict['kind'] & ('accept' | 'drop' | 'return')> = {
  ACCEPT: 'accept',
  DROP: 'drop',
  RETURN: 'return',
}

/** The steps of `-j TARGET …` or `-g CHAIN`. */
export function targetSteps(how: '-j' | '-g', words: string[], chains: ReadonlySet<string>): Step[] {
  const [target = '', ...args] = words
  if (chains.has(target))
    return [{ kind: 'verdict', verdict: { kind: how === '-g' ? 'goto' : 'jump', chain: target } }]
  const verdict = plain[target]
  if (verdict) return [{ kind: 'verdict', verdict: { kind: verdict } }]
  if (passive.has(target)) return []
  const value = (option: string) => {
    const at = args.indexOf(option)
    return at === -1 ? undefined : args[at + 1]
  }
  const isRandom = args.some((arg) => arg === '--random' || arg === '--random-fully')
  const translation = (to: Translation): Step[] => [
    { kind: 'verdict', verdict: { kind: 'translate', to: chosenIn(to, isRandom) } },
  ]
  const withPorts = (what: 'masquerade' | 'redirect'): Translation => {
    const ports = value('--to-ports')
    return ports === undefined ? { what } : portTarget(what, ports)
  }
  switch (target) {
    case 'REJECT':
      return [{ kind: 'verdict', verdict: { kind: 'reject' } }]
    case 'MASQUERADE':
      return translation(withPorts('masquerade'))
    case 'DNAT':
      return translation(endpoint('dnat', value('--to-destination') ?? ''))
    case 'SNAT':
      return translation(endpoint('snat', value('--to-source') ?? ''))
    case 'REDIRECT':
      return translation(withPorts('redirect'))
    case 'NOTRACK':
      return [{ kind: 'untrack' }]
    case 'CT':
      return args.includes('--notrack') ? [{ kind: 'untrack' }] : helperOnly(args)
    case 'MARK':
      return [markStep(value('--set-xmark'))]
    case 'CONNMARK':
      return [connectionMarkStep(args, value)]
    default:
      return [{ kind: 'verdict', verdict: { kind: 'unknown', text: `-j ${target}` } }]
  }
}

/** A helper or a timeout changes nothing for a new connection; a zone does. */
const helperOnly = (args: string[]): Step[] =>
  args.some((arg) => arg.startsWith('--zone'))
    ? [{ kind: 'verdict', verdict: { kind: 'unknown', text: '-j CT --zone' } }]
    : []

/** `--to-ports 8080` or `--to-ports 8000-8010`. */
export function portTarget(what: Translation['what'], text: string): Translation {
  const range = rangePattern(text, '-')
  if (!range || !('first' in range)) return { what, unknown: true }
  const { first: port, last: lastPort } = range
  return { what, port, ...(lastPort === port ? {} : { lastPort }) }
}

/** `10.0.0.2:80`, `10.0.0.2:8000-8010`, `10.0.0.2`, `:80` or `[fd00::2]:80`; a range of addresses is not one target. */
export function endpoint(what: 'dnat' | 'snat', text: string): Translation {
  const [, bracketed, bare = '', portText] =
    /^(?:\[([^\]]+)\]|([^:]*|.*:.*:.*?))(?::([^:]+))?$/.exec(text) ?? []
  const name = bracketed ?? bare
  const address = parseAddress(name)?.value
  if ((name !== '' && address === undefined) || (name === '' && portText === undefined))
    return { what, unknown: true }
  const to: Translation = portText === undefined ? { what } : portTarget(what, portText)
  return { ...to, ...(address === undefined ? {} : { address }) }
}

/** With `random`, which of several ports a destination gets is not known. The port of a source decides nothing here. */
export const chosenIn = (to: Translation, isRandom: boolean): Translation =>
  isRandom && to.lastPort !== undefined && (to.what === 'dnat' || to.what === 'redirect')
    ? { ...to, unknown: true }
    : to

/** `VALUE/MASK`: the bits of the mask are cleared, then those of the value are flipped. */
function markStep(text: string | undefined, field: 'mark' | 'ctmark' = 'mark'): Step {
  const [value, mask = all] = (text ?? '').split('/').map(numberIn)
  if (value === undefined) return { kind: 'mark', field }
  return { kind: 'mark', field, change: { keep: all & ~mask, take: 0n, xor: value } }
}

function connectionMarkStep(args: string[], value: (option: string) => string | undefined): Step {
  const mask = (option: string) => numberIn(value(option) ?? '') ?? all
  const [ofPacket, ofConnection] = [mask('--nfmask'), mask('--ctmask')]
  if (args.includes('--save-mark'))
    return {
      kind: 'mark',
      field: 'ctmark',
      change: { keep: all & ~ofConnection, take: ofPacket, xor: 0n },
    }
  if (args.includes('--restore-mark'))
    return { kind: 'mark', field: 'mark', change: { keep: all & ~ofPacket, take: ofConnection, xor: 0n } }
  return markStep(value('--set-xmark'), 'ctmark')
}
