import { literalAddress } from '../../net/address-class.ts'
import { canonicalHost, isAddress, parseNetwork } from '../../net/ip.ts'
import type { Problem } from '../problem.ts'
import type { Settings } from '../schema.ts'

/** A pin that the hosts file must have. */
interface ExpectedPin {
  name: string
  /** The address that it must have; any if absent. */
  address?: string
}

/** What the hosts file must pin: every name of the path, or these. */
export interface ExpectedPins {
  all: boolean
  pins: ExpectedPin[]
}

/** As many as are asked for in one run. */
const maxNames = 16

const nameMessage = 'must be a host name (registry.example.com), not an address and not a URL'
const pinMessage = 'must be true, a host name, or a host name and its address (registry.lan=10.0.0.5)'
const addressMessage = 'must be an IP address or a range of them (10.0.0.5, 10.0.0.0/8, fd00::/8)'

/** RFC 1123, section 2.1, with the underscore that some use. An address or `localhost` is never looked up. */
function isLookedUp(name: string): boolean {
  const labels = name.replace(/\.$/, '').split('.')
  return (
    name.length <= 253 &&
    labels.every((label) => /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/i.test(label)) &&
    !/^[\d.]+$/.test(name) &&
    literalAddress(name) === undefined
  )
}

/** The names of the setting `names`, in their one form. */
export function parseNames({ names }: Pick<Settings, 'names'>, problems: Problem[] = []): string[] {
  for (const name of names)
    if (!isLookedUp(name)) problems.push({ setting: 'names', value: name, message: nameMessage })
  if (names.length > maxNames)
    problems.push({
      setting: 'names',
      message: `has ${names.length} names; at most ${maxNames} are asked for`,
    })
  return [...new Set(names.filter(isLookedUp).map(canonicalHost))]
}

/** What `expect_pins` expects; undefined if it is not set. */
export function parseExpectedPins(
  { expect_pins: items }: Pick<Settings, 'expect_pins'>,
  problems: Problem[] = [],
): ExpectedPins | undefined {
  const expected: ExpectedPins = { all: false, pins: [] }
  for (const item of items.filter((one) => one !== 'false')) {
    const [name = '', address, ...more] = item.split('=').map((part) => part.trim())
    const isPin = isLookedUp(name) && more.length === 0 && (address === undefined || isAddress(address))
    if (item === 'true') expected.all = true
    else if (isPin)
      expected.pins.push({
        name: canonicalHost(name),
        ...(address === undefined ? {} : { address: canonicalHost(address) }),
      })
    else problems.push({ setting: 'expect_pins', value: item, message: pinMessage })
  }
  return expected.all || expected.pins.length > 0 ? expected : undefined
}

/** The ranges of `internal_addresses`, as written. */
export function parseInternalAddresses(
  { internal_addresses: items }: Pick<Settings, 'internal_addresses'>,
  problems: Problem[] = [],
): string[] {
  const invalid = items.filter((item) => parseNetwork(item) === undefined)
  for (const item of invalid)
    problems.push({ setting: 'internal_addresses', value: item, message: addressMessage })
  return items.filter((item) => !invalid.includes(item))
}
