import type { MtuDirection, MtuEndpoint } from '../../facts/path/mtu.ts'
import { isLearned, placeOf } from '../../facts/queries/path/mtu.ts'
import type { Report } from '../../report/schema.ts'
import { clean } from './clean.ts'
import { mark } from './paint.ts'

/** One line for each path MTU: `✓ path MTU  registry.test 203.0.113.10:443 · inbound 1500, outbound 1500`. */
export const mtuLines = ({ mtu = [] }: Pick<Report, 'mtu'>): string[] => mtu.map(lineOf)

function lineOf(endpoint: MtuEndpoint): string {
  const { measured } = endpoint
  const head = `path MTU  ${clean(endpoint.host)} ${placeOf(endpoint)}`
  if (!measured.seen) {
    const remedy = measured.remedies.includes('tools') ? ' (regguard’s own image has it)' : ''
    return `${mark('unknown')} ${head} · not measured: ${clean(measured.why)}${remedy}`
  }
  const found = measured.value
  const { inbound, outbound } = found
  const learned = isLearned({ ...endpoint, found })
  const states = [inbound.state, outbound.state]
  const status =
    learned || states.includes('black-hole') ? 'fail' : states.includes('unknown') ? 'unknown' : 'pass'
  const text = `inbound ${directionText(inbound)}${learned ? ' (learned; larger packets were lost)' : ''}, outbound ${directionText(outbound)}`
  return `${mark(status)} ${head} · ${text}`
}

function directionText(direction: MtuDirection): string {
  if (direction.state === 'unknown') return `not measured (${direction.why})`
  return direction.state === 'open' ? String(direction.mtu) : `${direction.mtu} (larger packets are lost)`
}
