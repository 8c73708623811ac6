import type { MirrorsFact } from '../../facts/path/mirrors.ts'
import type { NamesFact } from '../../facts/path/names.ts'
import type { RoundFact } from '../../facts/path/round.ts'
import type { PathFact } from '../../facts/path.ts'
import { hasRetriesOnPath, isPathFailing } from '../../facts/queries/path/failing.ts'
import { roundOf } from '../../facts/queries/path/rounds.ts'
import { connectionOptions, type Session, wants } from '../session.ts'
import { observeNames } from './names/observe-names.ts'
import { observePath, type Requests } from './path.ts'
import type { ProbeOptions } from './probe-leg.ts'

/** Gathers all facts of the network path: of the requests that the images need, and of what the enabled checks read besides. */
export async function inspectPath(session: Session): Promise<PathFact> {
  const { options, images, client, others } = session
  const requests = images().then((found) => {
    const path = client.requestLog.fact()
    return { path, isFailing: isPathFailing(found) || hasRetriesOnPath(path) }
  })
  if (!wants(options, ['path'])) return (await requests).path
  const [path, addresses, rounds, names, mirrors] = await Promise.all([
    inspectLegs(session, requests),
    requests.then(others.results),
    repeatImages(session),
    inspectNames(session, requests),
    inspectMirrors(session),
  ])
  return {
    ...path,
    ...(addresses.length > 0 ? { addresses } : {}),
    ...(rounds.length > 0 ? { rounds } : {}),
    ...(names ? { names } : {}),
    ...(mirrors ? { mirrors } : {}),
  }
}

const probeOptions = ({ options, stalls }: Session): ProbeOptions => ({
  ...options,
  ...connectionOptions(options, stalls),
})

function inspectLegs(session: Session, requests: Promise<Requests>): Promise<PathFact> {
  const { settings, plan, wanted } = session.options
  return observePath(requests, {
    ...probeOptions(session),
    stalls: session.stalls,
    privateRedirects: settings.private_redirects,
    endpoints: wanted.has('path.legs') ? plan.endpoints : [],
    always: settings.vantage !== undefined,
    mtu: !wanted.has('path.mtu') ? 'never' : settings.path_mtu ? 'always' : 'after a timeout',
    repeat: settings.repeat,
    references: plan.targets.map(({ reference }) => reference),
    dockerSocket: settings.docker_socket,
  })
}

/** Verifies the images as often as `repeat` asks for, each time with a client, and so with connections, of its own. */
async function repeatImages({
  options,
  client,
  images,
  imagesAgain,
  openClient,
}: Session): Promise<RoundFact[]> {
  const { settings, plan, now, signal } = options
  const rounds: RoundFact[] = []
  if (settings.repeat === 1 || (plan.targets.length === 0 && !plan.catalog)) return rounds
  while (rounds.length < settings.repeat && !signal.aborted) {
    const isFirst = rounds.length === 0
    const own = isFirst ? client : openClient()
    const at = now()
    const facts = await (isFirst ? images() : imagesAgain(own))
    rounds.push(roundOf(facts, own.requestLog.fact(), at, now() - at))
    if (!isFirst) await own.close()
  }
  return rounds
}

/** Asks for the names of the path, beside the requests to them. */
async function inspectNames(session: Session, requests: Promise<Requests>): Promise<NamesFact | undefined> {
  const { options, client } = session
  const { settings, plan, signal, nameSources = {}, wanted } = options
  if (!wanted.has('path.names')) return undefined
  const expectsAddresses = settings.internal_addresses.length > 0 || settings.expect_pins.length > 0
  const askForHosts = observeNames({
    ...{ plan, client, signal, expectsAddresses },
    sources: { ...nameSources, dnsConfig: settings.dns_config },
    probe: probeOptions(session),
  })
  return askForHosts(await requests)
}

async function inspectMirrors(session: Session): Promise<MirrorsFact | undefined> {
  const { settings, plan, wanted } = session.options
  if (settings.mirror_config.length === 0 || !wanted.has('path.mirrors')) return undefined
  // Its parsers are loaded only where there is something to parse.
  const { observeMirrors } = await import('./mirrors/mirrors.ts')
  return observeMirrors(
    session.images().then(({ image }) => image),
    { ...probeOptions(session), mirrorConfig: settings.mirror_config, targets: plan.targets },
  )
}
