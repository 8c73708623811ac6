import type { LookupFact, NameFact, NamesFact, NameUse, ResolverConfig } from '../../../facts/path/names.ts'
import { literalAddress } from '../../../net/address-class.ts'
import { canonicalHost } from '../../../net/ip.ts'
import { hostsFileAddresses } from '../../http/hosts-file.ts'
import { createLimit } from '../../http/limit.ts'
import { type Asker, createAsker } from './asker.ts'
import { createLibcAsker } from './libc.ts'
import { readSetUp, type SetUp } from './set-up.ts'
import { type NameSources, systemSources } from './sources.ts'

/** A host on the pull path, or in the setting `names`. */
export interface WantedName {
  name: string
  use: NameUse
}

const maxNames = 32
const maxSearch = 6
/** A lookup by libc takes a thread of the few that also read files. */
const maxLibcLookups = 2

/** Asks names in every layer. */
export interface NameObserver {
  /** Starts to ask for these names; each is asked once. */
  add: (names: WantedName[]) => void
  /** The answers, when all are there; undefined if no name was added and no file is to be read. */
  fact: () => Promise<NamesFact | undefined>
}

/** Creates an observer of names. It ends soon after the last name was added, within the limits of `sources`, or when `signal` aborts. */
export function createNameObserver(signal: AbortSignal, sources: Partial<NameSources> = {}): NameObserver {
  const from = { ...systemSources, ...sources }
  const asked = new Map<string, { uses: Set<NameUse>; fact: Promise<Omit<NameFact, 'uses'>> }>()
  let layers: Promise<Layers> | undefined
  return {
    add: (names) => {
      for (const { name: text, use } of names) {
        const name = canonicalHost(text)
        if (name === '' || literalAddress(name) !== undefined) continue
        const known = asked.get(name)
        if (known) known.uses.add(use)
        else if (asked.size < maxNames) {
          layers ??= openLayers(from, signal)
          asked.set(name, { uses: new Set([use]), fact: observeName(name, layers) })
        }
      }
    },
    fact: async () => {
      if (from.dnsConfig.length > 0) layers ??= openLayers(from, signal)
      if (!layers) return undefined
      const { libc, config, resolvers, files } = await layers
      const names = await Promise.all(
        [...asked.values()].map(async ({ uses, fact }) => ({ ...(await fact), uses: [...uses] })),
      )
      const described = await Promise.all(
        resolvers.map(async ({ asker, ...one }) => ({ ...one, localhost: await asker.localhost })),
      )
      return {
        ...{ libc, ...(config ? { config } : {}), resolvers: described, names, limitMs: from.limitMs },
        ...(files ? { files } : {}),
      }
    },
  }
}

/** All that a name is asked of. */
interface Layers extends SetUp {
  resolvers: (SetUp['resolvers'][number] & { asker: Asker })[]
  askLibc: (name: string) => Promise<LookupFact>
  hosts: string
}

async function openLayers(from: NameSources, signal: AbortSignal): Promise<Layers> {
  const setUp = await readSetUp(from)
  const limit = createLimit(maxLibcLookups)
  const askLibc = createLibcAsker(from, signal)
  return {
    ...setUp,
    hosts: from.hosts,
    resolvers: setUp.resolvers.map((one) => ({ ...one, asker: createAsker(one.address, from, signal) })),
    askLibc: (name) => limit(() => askLibc(name)),
  }
}

async function observeName(name: string, opened: Promise<Layers>): Promise<Omit<NameFact, 'uses'>> {
  const layers = await opened
  const [libc, pins, found] = await Promise.all([
    layers.askLibc(name),
    hostsFileAddresses(name, layers.hosts),
    Promise.all(layers.resolvers.map(({ asker }) => asker.askFor(name))),
  ])
  const answers = found.filter((one) => one !== undefined)
  const answering = layers.resolvers[found.findIndex((one) => one && hasAnswer(one.ipv4))]
  const searched =
    answering && layers.config ? await searchFor(searchedNames(name, layers.config), answering.asker) : []
  return { name, libc, pins, answers, searched, dialled: [] }
}

async function searchFor(candidates: string[], { askFor }: Asker): Promise<NameFact['searched']> {
  const found = await Promise.all(
    candidates.map(async (name) => {
      const answer = await askFor(name)
      return answer && { ...answer, name }
    }),
  )
  return found.filter((one) => one !== undefined)
}

const hasAnswer = ({ state }: LookupFact): boolean =>
  state === 'found' || state === 'no-such-name' || state === 'no-data'

/** The names that libc asks for instead of this one: with each search domain, if the name has fewer dots than `ndots`. */
function searchedNames(name: string, { search, ndots }: ResolverConfig): string[] {
  const dots = name.split('.').length - 1
  return dots < ndots ? search.slice(0, maxSearch).map((domain) => `${name}.${domain}`) : []
}
