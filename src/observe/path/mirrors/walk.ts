import type { MirrorEndpoint, MirrorPull, WalkedLeg } from '../../../facts/path/mirrors.ts'
import { ownLeg } from '../../../facts/queries/path/mirrors.ts'
import { type AddressClass, addressClass } from '../../../net/address-class.ts'
import { isAddress, withoutBrackets } from '../../../net/ip.ts'
import {
  type Answer,
  type Endpoint,
  hostnameOf,
  type Leg,
  type Pull,
  type Pulled,
  type PullTarget,
} from '../../../oci/runtimes/legs.ts'
import type { Runtime } from '../../../oci/runtimes/runtimes.ts'
import { redactedUrl } from '../../http/request-log.ts'
import type { ProbeOptions } from '../probe-leg.ts'
import { type AsNamed, type Probed, probeAnswer } from './probe.ts'
import { textOf } from './read.ts'

/** Walks pulls; a request that several runtimes send in the same way is sent once. */
export interface Walker {
  walk(runtime: Runtime, endpoints: Endpoint[], target: PullTarget, reference: string): Promise<MirrorPull>
}

type How = { named?: AsNamed; ledFrom?: AddressClass }

/** Creates a walker. */
export function createWalker(options: ProbeOptions): Walker {
  const known = new Map<string, Promise<Probed | undefined>>()
  const send = (leg: Leg, of: string, how: How = {}): Promise<Probed | undefined> => {
    const { skipVerify, authorities, clientPairs } = leg.endpoint
    const key = JSON.stringify([leg.step, leg.url, skipVerify, authorities, clientPairs, how])
    const probing =
      known.get(key) ?? withTrust(leg, options).then((own) => own && probeAnswer(leg, of, own, how))
    known.set(key, probing)
    return probing
  }
  return {
    async walk(runtime, endpoints, target, reference) {
      const sent = new Map<WalkedLeg, Leg>()
      const legs = new Map<Endpoint, WalkedLeg[]>(endpoints.map((endpoint) => [endpoint, []]))
      const run = async (pull: Pull, legsOf: (endpoint: Endpoint) => WalkedLeg[]): Promise<Pulled> => {
        let step = pull.next()
        while (!step.done) step = pull.next(await answer(step.value, legsOf(step.value.endpoint)))
        return step.value
      }
      const answer = async (leg: Leg, own: WalkedLeg[]): Promise<Answer> => {
        // A token is not asked for: the registry has said that it is there and takes one.
        if (leg.authorized) return { status: 200 }
        const probed = await send(leg, leg.endpoint.origin?.file ?? reference, ledFrom(leg, own))
        if (!probed) return { failure: 'client certificate not readable' }
        const walked = walkedOf(leg, probed)
        sent.set(walked, leg)
        own.push(walked)
        return probed.answer
      }
      const pulled = await run(runtime.pull(endpoints, target), (endpoint) => legs.get(endpoint) ?? [])
      // What a pull falls back to is walked even where this one does not need it.
      for (const [endpoint, own] of legs) {
        const alone = { ...endpoint, resolves: true, pulls: true }
        if (own.length === 0)
          await run(runtime.pull([alone], { ...target, manifests: [], blobs: [] }), () => own)
      }
      const facts = endpoints.map((endpoint) => endpointFact(endpoint, legs.get(endpoint) ?? []))
      for (const fact of facts) await nameAddress(fact)
      return {
        ...{ runtime: runtime.name, registry: target.registry, reference, endpoints: facts, ok: pulled.ok },
        ...(pulled.told ? { told: urlOf(pulled.told) } : {}),
        masked: pulled.masked.map(urlOf),
      }

      /** Asks a bare address again, with the name of the registry. */
      async function nameAddress(fact: MirrorEndpoint | undefined): Promise<void> {
        const first = fact && ownLeg(fact)
        if (!fact?.bareAddress || !first || first.status === 401 || (first.status ?? 404) < 300) return
        const named = { servername: hostnameOf(target.registry), hostHeader: target.registry }
        const leg = sent.get(first)
        if (!leg || isAddress(named.servername)) return
        const probed = await send(leg, fact.file ?? reference, { named })
        if (probed) fact.asNamed = walkedOf(leg, probed)
      }
    },
  }
}

/** What a server leads to may be as public as it is itself, and not more internal. */
function ledFrom({ step }: Leg, own: WalkedLeg[]): How {
  if (step !== 'token' && step !== 'redirect') return {}
  const [first] = own.flatMap(({ leg }) => leg.addresses)
  return { ledFrom: addressClass(first?.address ?? '') }
}

const walkedOf = ({ object }: Leg, { status, failure, leadsTo, leg }: Probed): WalkedLeg => ({
  ...{ object, leg },
  ...(status === undefined ? {} : { status }),
  ...(failure ? { failure } : {}),
  ...(leadsTo === undefined ? {} : { leadsTo }),
})

const urlOf = ({ leg }: { leg: Leg }): string => redactedUrl(new URL(leg.url))

function endpointFact({ role, scheme, host, path, origin }: Endpoint, legs: WalkedLeg[]): MirrorEndpoint {
  const { host: known, hostname } = new URL(`${scheme}://${host}/`)
  return {
    ...{ role, url: `${scheme}://${known}${path}`, host: known, legs },
    bareAddress: isAddress(withoutBrackets(hostname)),
    ...(origin ? { file: origin.file, key: withoutLogin(origin.key) } : {}),
  }
}

/**
 * The authorities, the client certificate and the leniency of an endpoint hold for everything that is sent because of it. Undefined
 * where its client certificate cannot be read here. An authority that cannot be read is the runtime's to judge: certificates are then
 * accepted as they are.
 */
async function withTrust(
  { endpoint: { authorities, clientPairs, skipVerify } }: Leg,
  options: ProbeOptions,
): Promise<ProbeOptions | undefined> {
  const own = await Promise.all(authorities.map(textOf))
  const isUnknown = own.some((text) => text === undefined)
  const [pair] = clientPairs
  const [cert, key] = pair ? await Promise.all([pair.cert, pair.key ?? pair.cert].map(textOf)) : []
  if (pair && (cert === undefined || key === undefined)) return undefined
  return {
    ...options,
    authorities: [...options.authorities, ...own.filter((text) => text !== undefined)],
    ...(cert === undefined || key === undefined ? {} : { client: { cert, key } }),
    skipTlsVerify: (host) => skipVerify || isUnknown || options.skipTlsVerify(host),
  }
}

/** Text of a configuration without the logins of its URLs. */
export const withoutLogin = (text: string): string => text.replace(/\/\/[^/@\s"\u201d]*@/g, '//…@')
