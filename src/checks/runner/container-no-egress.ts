import type { Fault } from '../../core/finding.ts'
import { type NoEgress, noEgressIn } from '../../facts/queries/packet/egress.ts'
import { effectOf, evidenceOf, expectationOf } from '../../facts/queries/packet/egress-text.ts'
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
  consults: ['runner.vantage', 'runner.engine', 'runner.networks', 'runner.daemons'],
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
  const { guests, certain, stop } = trouble
  const { bridge, network } = guests
  const fault = {
    subject: network?.name ?? bridge,
    message: `${bridge}: ${effectOf(trouble)}`,
    expected: expectationOf(trouble),
    evidence: evidenceOf(trouble),
    // One rule, route or setting can stop the packets of many networks; a link is that of one.
    cause: `${stop.kind} ${stop.kind === 'link' || stop.kind === 'source' ? `${bridge} ${guests.family}` : evidenceOf(trouble).join(' ')}`,
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

const meanings = {
  limited: 'Egress limited: containers reach only some of the destinations that the rules of this host name.',
  'by operator':
    'Egress blocked by an operator: a rule in DOCKER-USER stops packets of a network to other hosts.',
}

/** How bad it is: an error where packets of running containers are lost, or those of the next job. */
function extentOf(trouble: NoEgress): Partial<Fault> {
  const { guests, meant, othersDo, resolver, stop } = trouble
  const { network, idle, family, dual } = guests
  if (meant) return { severity: 'warning', title: meanings[meant] }
  if (resolver) return lossOfNames(resolver)
  if (stop.kind === 'source' && stop.routed)
    return {
      severity: idle ? 'note' : 'warning',
      title:
        'Egress not masqueraded: packets of guests leave with private addresses, which only a router that knows their subnet can answer.',
    }
  if (family === 'ip6' && dual)
    return {
      severity: idle ? 'note' : 'warning',
      title:
        'No egress by IPv6: this host does not let packets of IPv6 of its containers out to other hosts, or the answers back to them.',
    }
  if (!idle) return {}
  if (!network) return { severity: 'note', title: nobody }
  return othersDo ? { severity: 'warning', title: nobody } : {}
}

/** Programs ask the next resolver when one does not answer, seconds later. */
const lossOfNames = ({ all, asked }: NonNullable<NoEgress['resolver']>): Partial<Fault> => ({
  severity: all && asked ? 'error' : 'warning',
  title: all
    ? 'DNS of containers lost: what containers ask the resolvers of this host does not get there, or the answers do not come back.'
    : 'DNS of containers slow: what containers ask one of the resolvers of this host does not get there, or the answers do not come back.',
})
