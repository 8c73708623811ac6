import type { ImageFact, Target, TargetFact } from '../../facts/image.ts'
import type { RegistryFact } from '../../facts/registry.ts'
import { type Repository, referenceName, repositoryName } from '../../oci/reference.ts'
import { isInsecure } from '../../settings/plan/insecure.ts'
import type { Settings } from '../../settings/schema.ts'
import type { Credentials } from '../credentials/credentials.ts'
import type { HttpClient } from '../http/client.ts'
import { concurrencyOf } from '../http/concurrency.ts'
import { createLimit } from '../http/limit.ts'
import { openRegistry, type Registry, type RegistryOptions } from '../registry/registry.ts'
import { listCatalog } from './catalog.ts'
import { byTurns, otherRepositories, repositoriesByRegistry } from './repositories.ts'
import { observeRepository } from './repository.ts'
import { createSettle } from './settle.ts'
import { createZstdUnpackers } from './unpack.ts'

/** What observing the images needs from outside. */
export interface ImageContext {
  client: HttpClient
  settings: Settings
  extent: ImageFact['extent']
  /** Whether the right to push is requested, too. */
  pushAccess: boolean
  targets: Target[]
  catalog?: Pick<Repository, 'registry' | 'apiHost'>
  credentials: Credentials
  keepSecret: (secret: string) => void
  progress: (change: { found?: number; done?: number }) => void
  now: () => number
}

/** Large blobs read concurrently: more are not faster, but need more memory (docs/decisions/0004-memory.md). */
const maxLargeBlobs = 3

/** Inspects all targets, with their repositories concurrently, and returns everything that was observed. */
export async function observeImages(
  context: ImageContext,
): Promise<{ image: ImageFact; registry: RegistryFact }> {
  const { settings, client, now, extent } = context
  const registries = new Map<string, Registry>()
  const budget = { leftBytes: settings.probe_budget }
  const lanes = { zstd: createLimit(1), other: createLimit(maxLargeBlobs) }
  const zstd = createZstdUnpackers()
  const settle = createSettle(now() + settings.settle, now, client.signal)
  const { fact: catalog, targets: listed } = context.catalog
    ? await listCatalog(
        registryFor(context, registries, context.catalog.registry, context.catalog.apiHost),
        context.catalog,
      )
    : { fact: undefined, targets: [] }
  const named = new Set(context.targets.map(({ reference }) => referenceName(reference)))
  const targets = [
    ...context.targets,
    ...listed.filter(({ reference }) => !named.has(referenceName(reference))),
  ]
  const byRepository = Map.groupBy(targets, ({ reference }) => repositoryName(reference))
  const namesByRegistry = repositoriesByRegistry(targets)
  const observeOne = ([first, ...rest]: Target[]) => {
    if (!first) throw new Error('a repository without a target')
    const { reference } = first
    return observeRepository({
      registry: registryFor(context, registries, reference.registry, reference.apiHost),
      targets: [first, ...rest],
      others: () => otherRepositories(namesByRegistry, first),
      depth: settings.depth,
      extent,
      referrers: settings.referrers,
      mirror: settings.mirror,
      pushAccess: context.pushAccess,
      ...(settings.also_anonymous ? { anonymous: anonymousRegistry(context, reference.apiHost) } : {}),
      budget,
      sample: isFirstOfRegistry(targets, first) ? settings.sample : 0,
      lanes,
      zstd,
      settle,
      progress: context.progress,
    })
  }
  const observed = await byTurns(
    [...byRepository.values()],
    ({ registry, apiHost }) => registryFor(context, registries, registry, apiHost),
    observeOne,
  )
  return {
    image: {
      depth: settings.depth,
      extent,
      targets: inOrder(
        targets,
        observed.flatMap(({ targets }) => targets),
      ),
      repositories: observed.map(({ fact }) => fact),
    },
    registry: {
      quirks: observed.flatMap(({ quirks }) => quirks),
      ...(context.pushAccess
        ? {
            push: observed.flatMap(({ fact, push }) =>
              push ? [{ repository: fact.name, access: push }] : [],
            ),
          }
        : {}),
      ...(catalog ? { catalog } : {}),
    },
  }
}

function registryFor(
  context: ImageContext,
  opened: Map<string, Registry>,
  name: string,
  host: string,
): Registry {
  const known = opened.get(host)
  if (known) return known
  const registry = openRegistryFor(context, name, host)
  opened.set(host, registry)
  return registry
}

/** Opens a registry, called `name` by users, with the login that is configured for it. */
export const openRegistryFor = (
  context: Pick<ImageContext, 'client' | 'settings' | 'keepSecret' | 'now' | 'credentials'>,
  name: string,
  host: string,
): Registry => open(context, host, (repository) => context.credentials(name, host, repository))

const anonymousRegistry = (context: ImageContext, host: string): Registry =>
  open(context, host, async () => ({ seen: true, value: undefined }))

function open(
  { client, settings, keepSecret, now }: Pick<ImageContext, 'client' | 'settings' | 'keepSecret' | 'now'>,
  host: string,
  credential: RegistryOptions['credential'],
): Registry {
  const concurrency = concurrencyOf(settings.concurrency)
  const insecure = isInsecure(settings, host)
  return openRegistry({ client, host, credential, insecure, concurrency, keepSecret, now })
}

/** Large bodies of one repository pass the same proxies as those of another. */
const isFirstOfRegistry = (targets: Target[], { reference }: Target): boolean => {
  const same = targets.find((target) => target.reference.registry === reference.registry)
  return same !== undefined && repositoryName(same.reference) === repositoryName(reference)
}

function inOrder(targets: Target[], facts: TargetFact[]): TargetFact[] {
  const byTarget = Map.groupBy(facts, ({ target }) => target)
  return targets.flatMap((target) => byTarget.get(target) ?? [])
}
