import type { LegAddressFact } from '../../path/leg.ts'
import type { NameFact } from '../../path/names.ts'

/** Whether an address answered with the right certificate. */
export const isAlive = ({ attempts }: LegAddressFact): boolean =>
  attempts.some(({ status, failure }) => status !== undefined && failure === undefined)

/** `10.0.0.5: HTTP 401, certificate of registry.lan`, or why there is no response. */
export function dialledLine({ address, attempts, certificate }: LegAddressFact): string {
  const [attempt] = attempts
  const result =
    attempt?.failure?.detail ?? (attempt?.status === undefined ? 'no response' : `HTTP ${attempt.status}`)
  return `${address}: ${result}${certificate ? `, certificate of ${certificate.subject}` : ''}`
}

/** Addresses that DNS gives for a name, which the hosts file does not pin, and that answer. */
export const aliveBesidePins = ({ dialled, pins }: NameFact): LegAddressFact[] =>
  dialled.filter((one) => !pins.includes(one.address) && isAlive(one))

/** The addresses that resolvers give for a name. */
export const addressesFromDns = ({ answers }: NameFact): string[] => [
  ...new Set(answers.flatMap(({ ipv4, ipv6 }) => [...ipv4.addresses, ...ipv6.addresses])),
]
