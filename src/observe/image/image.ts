import type { ImageFact, Target, TargetFact } from '../../facts/image.ts'
import type { RegistryFact } from '../../facts/registry.ts'
import { type Repository, referenceName, repositoryName } from '../../oci/reference.ts'
import { isInsecure } from '../../settings/plan/insecure.ts'
import type { Settings } from '../../settings/schema.ts'
import type { Credentials } from '../credentials/credentials.ts'
import type { HttpClient } from '../http/client.ts'
import { createLimit } from '../http/limit.ts'
import { openRegistry, type Registry, type RegistryOptions } from '../registry/registry.ts'
import { listCatalog } from './catalog.ts'
import { observeRepository } from './repository.ts'
import { createSettle } from './settle.ts'
import { createZstdUnpackers } from './unpack.ts'

/** What observing the images needs from outside. */
export interface ImageContext {
  client: HttpClient
  settings: Settings
  extent: ImageFact['extent']
  targets: Target[]
  catalog?: Pick<Repository, 'registry' | 'apiHost'>
  credentials: Credentials
  keepSecret: (secret: string) => void
  progress: (change: { found?: number; done?: number }) => void
  now: () => number
}

/** With so many large blobs under way a run is as fast as with more, and needs less memory (docs/decisions/0004-memory.md). */
const largeAtOnce = 3

/** Looks at all targets, repository by repository side by side, and gives all that was seen of them. */
export async function observeImages(
  look: ImageContext,
): Promise<{ image: ImageFact; registry: RegistryFact }> {
  const { settings, client, now, extent } = look
  const registries = new Map<string, Registry>()
  const budget = { left: settings.probe_budget }
  const heavy = { zstd: createLimit(1), other: createLimit(largeAtOnce) }
  const zstd = createZstdUnpackers()
  const settle = createSettle(now() + settings.settle, now, client.signal)
  const { fact: catalog, targets: listed } = look.catalog
    ? await listCatalog(
        registryFor(look, registries, look.catalog.registry, look.catalog.apiHost),
        look.catalog,
      )
    : { fact: undefined, targets: [] }
  const targets = [...look.targets, ...listed.filter((target) => !isNamed(look.targets, target))]
  const byRepository = Map.groupBy(targets, ({ reference }) => repositoryName(reference))
  const seen = await Promise.all(
    [...byRepository.values()].map(([first, ...rest]) => {
      if (!first) throw new Error('a repository without a target')
      const { reference } = first
      return observeRepository({
        registry: registryFor(look, registries, reference.registry, reference.apiHost),
        targets: [first, ...rest],
        others: otherRepositories(targets, first),
        depth: settings.depth,
        extent,
        referrers: settings.referrers,
        ...(settings.also_anonymous ? { anonymous: anonymousRegistry(look, reference.apiHost) } : {}),
        budget,
        heavy,
        zstd,
        settle,
        progress: look.progress,
      })
    }),
  )
  return {
    image: {
      depth: settings.depth,
      extent,
      targets: inOrder(
        targets,
        seen.flatMap(({ targets }) => targets),
      ),
      repositories: seen.map(({ fact }) => fact),
    },
    registry: {
      quirks: seen.flatMap(({ quirks }) => quirks),
      ...(catalog ? { catalog } : {}),
    },
  }
}

function registryFor(
  look: ImageContext,
  opened: Map<string, Registry>,
  name: string,
  host: string,
): Registry {
  const known = opened.get(host)
  if (known) return known
  const registry = open(look, host, (repository) => look.credentials(name, host, repository))
  opened.set(host, registry)
  return registry
}

const anonymousRegistry = (look: ImageContext, host: string): Registry =>
  open(look, host, async () => ({ seen: true, value: undefined }))

function open(
  { client, settings, keepSecret, now }: ImageContext,
  host: string,
  credential: RegistryOptions['credential'],
): Registry {
  const { concurrency } = settings
  const insecure = isInsecure(settings, host)
  return openRegistry({ client, host, credential, insecure, concurrency, keepSecret, now })
}

function otherRepositories(targets: Target[], { reference }: Target): string[] {
  const same = targets.filter((target) => target.reference.registry === reference.registry)
  return [...new Set(same.map((target) => target.reference.repository))].filter(
    (repository) => repository !== reference.repository,
  )
}

function inOrder(targets: Target[], facts: TargetFact[]): TargetFact[] {
  return targets.flatMap((target) => facts.filter((fact) => fact.target === target))
}

const isNamed = (targets: Target[], { reference }: Target): boolean =>
  targets.some((target) => referenceName(target.reference) === referenceName(reference))
