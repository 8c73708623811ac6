import { access } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { ImageFact, Target } from '../../../facts/image.ts'
import type { MirrorProblem, MirrorsFact } from '../../../facts/path/mirrors.ts'
import { referenceName } from '../../../oci/reference.ts'
import type { Endpoint, PullTarget } from '../../../oci/runtimes/legs.ts'
import { type MirrorConfig, registriesIn, runtimesOf } from '../../../oci/runtimes/runtimes.ts'
import type { ProbeOptions } from '../probe-leg.ts'
import { readMirrorConfig } from './read.ts'
import { createWalker, withoutLogin } from './walk.ts'

/** What the observer of mirrors needs. */
export interface MirrorOptions extends ProbeOptions {
  /** The files and folders of the setting `mirror_config`. */
  mirrorConfig: readonly string[]
  targets: readonly Target[]
}

/**
 * Reads the configurations of mirrors, and walks the pull of one image of each registry by the rules of every runtime that reads
 * them. `image` ends when the images were walked, so that their manifests and blobs are known.
 */
export async function observeMirrors(
  image: Promise<ImageFact>,
  options: MirrorOptions,
): Promise<MirrorsFact> {
  const fact: MirrorsFact = { configs: [], problems: [], ignored: [], pulls: [] }
  const walker = createWalker(options)
  const observed = await image
  for (const path of options.mirrorConfig) {
    const config = await readMirrorConfig(path)
    if (!('kind' in config)) {
      fact.problems.push(config)
      continue
    }
    fact.configs.push({ path, kind: config.kind })
    const targets = firstOfEach(options.targets)
    const registries = new Set([
      ...registriesIn(config),
      ...targets.map(({ reference }) => reference.registry),
    ])
    for (const runtime of runtimesOf(config)) {
      for (const registry of registries) {
        const target = targets.find(({ reference }) => reference.registry === registry)
        const image = target
          ? pullTarget(target, observed)
          : { registry, repository: 'any', reference: 'latest' }
        const { endpoints: named, problems, ignored } = runtime.hosts(image)
        const endpoints = named.filter(isUsable).slice(0, maxEndpoints)
        fact.problems.push(...problems, ...unusable(named), ...(await missingFiles(named, config)))
        if (ignored) fact.ignored.push({ ...ignored, runtime: runtime.name, registry })
        if (!target || endpoints.length === 0 || options.signal.aborted) continue
        const name = referenceName(target.reference)
        fact.pulls.push(await walker.walk(runtime, endpoints, pullTarget(target, observed), name))
      }
    }
  }
  return { ...fact, problems: eachOnce(fact.problems) }
}

/** One image of each registry. */
const firstOfEach = (targets: readonly Target[]): Target[] => [
  ...new Map(targets.toReversed().map((target) => [target.reference.registry, target])).values(),
]

/** Each problem once, and without logins. */
function eachOnce(problems: MirrorProblem[]): MirrorProblem[] {
  const clean = problems.map(({ key, message, ...rest }) => ({
    ...{ ...rest, message: withoutLogin(message) },
    ...(key === undefined ? {} : { key: withoutLogin(key) }),
  }))
  return [...new Map(clean.map((one) => [JSON.stringify(one), one])).values()]
}

/** More than any runtime has for one registry. */
const maxEndpoints = 16

const isUsable = ({ scheme, host }: Endpoint): boolean => host !== '' && URL.canParse(`${scheme}://${host}/`)

/** What is configured as a mirror and is no host. */
const unusable = (endpoints: Endpoint[]): MirrorProblem[] =>
  endpoints
    .filter((endpoint) => !isUsable(endpoint))
    .flatMap(({ origin }) => (origin ? [{ ...origin, message: 'is not a URL with a valid host' }] : []))

/** What a runtime fetches of an image: its manifest, its configuration and its first layer, as far as they are known. */
function pullTarget({ reference }: Target, { targets, repositories }: ImageFact): PullTarget {
  const { registry, repository, tag, digest } = reference
  const base = { registry, repository, reference: digest ?? tag ?? 'latest', manifests: [], blobs: [] }
  const name = referenceName(reference)
  const found = targets.find(({ target }) => referenceName(target.reference) === name)
  const root = found?.first.seen && found.first.value.state === 'found' ? found.first.value.digest : undefined
  const manifests = repositories.find(({ name }) => name === `${registry}/${repository}`)?.manifests ?? []
  const document = manifests
    .flatMap(({ observed }) =>
      observed.seen && observed.value.state === 'read' ? [observed.value.document] : [],
    )
    .find((one) => one?.kind === 'image')
  if (root === undefined || document?.kind !== 'image') return base
  const [layer] = document.layers
  const blobs = [document.config.digest, ...(layer ? [layer.digest] : [])]
  return { ...base, manifests: [root], blobs: [...new Set(blobs)] }
}

function rootOf(config: MirrorConfig): string {
  if (config.kind === 'certs.d') return config.root
  return dirname(config.kind === 'registries.conf' ? (config.files[0]?.file ?? '/') : config.file)
}

/** The files that a configuration names and that are not there. Only those beside it can be judged: others may not be mounted. */
async function missingFiles(endpoints: Endpoint[], config: MirrorConfig): Promise<MirrorProblem[]> {
  const named = endpoints.flatMap(({ origin, authorities, clientPairs }) => [
    ...authorities.map((path) => ({ origin, path, name: 'ca' })),
    ...clientPairs.flatMap(({ cert, key }) =>
      [cert, key].flatMap((path) => (path === undefined ? [] : [{ origin, path, name: 'client' }])),
    ),
  ])
  const judged = named.filter(({ path }) => path.startsWith(`${rootOf(config)}/`))
  const missing = judged.map(async ({ origin, path, name }): Promise<MirrorProblem[]> => {
    const exists = await access(path).then(
      () => true,
      (error: NodeJS.ErrnoException) => error.code !== 'ENOENT',
    )
    if (exists) return []
    const file = origin?.file ?? dirname(path)
    const key = [origin?.key === 'server' ? '' : (origin?.key ?? ''), name].filter(Boolean).join('.')
    return [
      { file, key, message: `names ${path}, which does not exist: every pull from this registry fails` },
    ]
  })
  return (await Promise.all(missing)).flat()
}
