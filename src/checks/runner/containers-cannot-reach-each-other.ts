import type { Fault } from '../../core/finding.ts'
import { seenIn } from '../../core/observed.ts'
import { type Neighbours, neighboursIn } from '../../facts/queries/packet/neighbours.ts'
import { recreate } from '../../facts/queries/packet/published-advice.ts'
import { isEngines } from '../../facts/queries/packet/published-text.ts'
import { rewriterOf } from '../../facts/queries/packet/rule-owner.ts'
import { lossText, stopEvidence } from '../../facts/queries/packet/stop-text.ts'
import { inserting } from '../../facts/queries/packet/way-out.ts'
import { runnerCheck } from '../runner-check.ts'

type Apart = Neighbours & { result: Extract<Neighbours['result'], { kind: 'apart' }> }

export default runnerCheck({
  id: 'containers-cannot-reach-each-other',
  title: 'containers of one network reach each other',
  fault:
    'Containers cut off from each other: this host drops packets between containers of one network, which its bridge would carry.',
  severity: 'error',
  advice: 'Change what stops the packets; the evidence names it.',
  reads: ['runner.links', 'runner.rules', 'runner.routes'],
  consults: ['runner.vantage', 'runner.engine', 'runner.networks'],
  run: (runner) => {
    const isPodman = seenIn(runner.engine)?.flavour === 'podman'
    return neighboursIn(runner)
      .filter(isUnwanted)
      .map((one) => faultOf(one, isPodman))
  },
})

/** With `enable_icc=false`, or a rule of operators in DOCKER-USER, it is meant. Without the engine, its rule shows that. */
function isUnwanted(neighbours: Neighbours): neighbours is Apart {
  const { network, result } = neighbours
  if (result.kind !== 'apart' || network?.icc === false) return false
  if (result.stop.kind !== 'rule') return true
  return result.stop.at.chain !== 'DOCKER-USER' && (network !== undefined || !isOfBridge(neighbours))
}

/** The rule is for packets within this bridge and no others. */
function isOfBridge({ bridge, result }: Neighbours): boolean {
  if (result.kind !== 'apart' || result.stop.kind !== 'rule') return false
  const names = result.stop.at.rule
    ?.replaceAll('"', '')
    .split(/\s+/)
    .filter((word) => word === bridge)
  return names?.length === 2
}

function faultOf(neighbours: Apart, isPodman: boolean): Fault {
  const { bridge, network, addresses, filtered, result } = neighbours
  const { stop, certain, direction } = result
  const what = direction === 'there' ? 'packets between its containers' : 'answers between its containers'
  const isMeant = isOfBridge(neighbours) && stop.kind === 'rule' && !isEngines(stop.at)
  const evidence = [
    ...stopEvidence(stop),
    ...(filtered && stop.kind === 'rule' && stop.at.base.table.family !== 'bridge'
      ? ['net.bridge.bridge-nf-call-iptables = 1: the rules of IP see what the bridge carries']
      : []),
  ]
  const fault = {
    subject: network?.name ?? bridge,
    message: `${bridge}: ${certain ? lossText(what, stop) : `whether ${what} get through cannot be told`}`,
    expected: `a new connection from ${addresses[0]} to ${addresses[1]} gets through, and its answer`,
    evidence,
    cause: `${stop.kind} ${stop.kind === 'link' ? bridge : evidence.join(' ')}`,
  }
  if (!certain)
    return {
      ...fault,
      severity: 'note',
      title:
        'Connections within networks not known: whether containers reach each other depends on a rule that regguard cannot judge.',
      advice: 'Compare the counters of the rule before and after a connection between two containers.',
    }
  return {
    ...fault,
    ...(isMeant ? { severity: 'warning' as const } : {}),
    advice: adviceFor(neighbours, isPodman),
  }
}

function adviceFor({ bridge, subnet, result: { stop } }: Apart, isPodman: boolean): string {
  if (stop.kind === 'link' && stop.why === 'down') return `Bring it up: “ip link set ${stop.name} up”.`
  if (stop.kind !== 'rule') return 'Change what stops the packets; the evidence names it.'
  const { at } = stop
  if (isEngines(at)) return recreate(isPodman)
  const rewriter = rewriterOf(at)
  if (rewriter !== undefined)
    return `Let ${rewriter} accept what the ports of ${bridge} exchange, by its own settings or policies: it would undo a rule that is added to its chains by hand.`
  const { table, hook } = at.base
  if (hook !== 'forward' || (table.family === 'bridge' && subnet === undefined))
    return `Change the rule in the program that wrote it: it has to accept what the ports of ${bridge} exchange.`
  const within = {
    saved: `-i ${bridge} -o ${bridge} -j ACCEPT`,
    nft:
      table.family === 'bridge'
        ? `ip saddr ${subnet} ip daddr ${subnet} accept`
        : `iifname ${bridge} oifname ${bridge} accept`,
  }
  return `Accept it before that: ${inserting(at.base, within)}. Then change the program that wrote the rule: it may write it again.`
}
