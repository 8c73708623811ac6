import type { Fault } from '../../core/finding.ts'
import { type NoEgress, noEgressIn } from '../../facts/queries/packet/egress.ts'
import { effectOf, evidenceOf } from '../../facts/queries/packet/stop-text.ts'
import { adviceFor } from '../../facts/queries/packet/way-out.ts'
import { runnerCheck } from '../runner-check.ts'

export default runnerCheck({
  id: 'container-no-egress',
  title: 'packets of containers get out, and their answers back',
  fault:
    'No egress: this host does not let packets of its containers out to other hosts, or the answers back to them.',
  severity: 'error',
  advice: 'Change what stops the packets; the evidence names it.',
  covers: ['step-no-egress'],
  reads: ['runner.links', 'runner.rules', 'runner.routes'],
  consults: ['runner.vantage', 'runner.engine', 'runner.networks'],
  run: (runner) => withAll(noEgressIn(runner)),
})

/** What stops the packets of several networks has one advice, which is needed for each of them. */
function withAll(troubles: NoEgress[]): Fault[] {
  const faults = troubles.map((trouble) => ({ bridge: trouble.guests.bridge, fault: faultOf(trouble) }))
  return faults.map(({ bridge, fault }) => {
    const others = faults.filter((one) => one.fault.cause === fault.cause && one.bridge !== bridge)
    const isForEach = fault.advice?.includes(bridge) || fault.advice?.includes('lookup main')
    if (others.length === 0 || !isForEach) return fault
    return { ...fault, advice: `${fault.advice} Do the same for ${namesOf(others)}.` }
  })
}

function namesOf(others: { bridge: string }[]): string {
  const more = others.length - 4
  const names = others.slice(0, 4).map(({ bridge }) => bridge)
  return `${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}

function faultOf(trouble: NoEgress): Fault {
  const { guests, certain, stop, uplink } = trouble
  const { bridge, network, address } = guests
  const fault = {
    subject: network?.name ?? bridge,
    message: `${bridge}: ${effectOf(trouble)}`,
    expected: `a new connection from ${address} leaves by ${uplink}, and its answer comes back`,
    evidence: evidenceOf(trouble),
    // One rule, route or setting can stop the packets of many networks; a link is that of one.
    cause: `${stop.kind} ${stop.kind === 'link' || stop.kind === 'source' ? bridge : evidenceOf(trouble).join(' ')}`,
  }
  if (certain) return { ...fault, ...extentOf(trouble), advice: adviceFor(trouble) }
  return {
    ...fault,
    severity: 'note',
    title:
      'Egress not known: whether packets of containers get out depends on a rule that regguard cannot judge.',
    advice: 'Compare the counters of the rule before and after a connection of a container.',
  }
}

const nobody =
  'No egress for future guests: nothing uses the bridge now, and packets of what will are stopped.'

/** How bad it is: an error where packets of running containers are lost, or those of the next job. */
function extentOf({ guests: { network, idle }, meant, othersDo }: NoEgress): Partial<Fault> {
  if (meant) {
    const title =
      meant === 'limited'
        ? 'Egress limited: containers reach only some of the destinations that the rules of this host name.'
        : 'Egress blocked by an operator: a rule in DOCKER-USER stops packets of a network to other hosts.'
    return { severity: 'warning', title }
  }
  if (!idle) return {}
  if (!network) return { severity: 'note', title: nobody }
  return othersDo ? { severity: 'warning', title: nobody } : {}
}
