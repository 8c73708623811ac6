import * as z from 'zod'
import { parseDigest } from './digest.ts'

const repositorySchema = z.object({ registry: z.string(), apiHost: z.string(), repository: z.string() })
/** The location of an image: the registry as users write it, the host of its API, and the repository. */
export type Repository = z.infer<typeof repositorySchema>

export const referenceSchema = repositorySchema.extend({
  tag: z.string().exactOptional(),
  digest: z.string().exactOptional(),
})
/** A complete reference. If it has both tag and digest, the digest decides (distribution/reference). */
export type Reference = z.infer<typeof referenceSchema>

export type ParsedReference = { ok: true; value: Reference } | { ok: false; problem: string }

const component = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/
const tagPattern = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/
const hostPattern =
  /^(?:\[[0-9a-fA-F:.]+\]|[A-Za-z0-9]+(?:-+[A-Za-z0-9]+)*(?:\.[A-Za-z0-9]+(?:-+[A-Za-z0-9]+)*)*)(?::\d{1,5})?$/
const hub = new Set(['docker.io', 'index.docker.io', 'registry-1.docker.io'])

/**
 * Parses an image reference by the rules of distribution/reference: the first component is a host if it has a `.`, a `:` or an
 * upper-case letter, or is `localhost`. Otherwise the image is on Docker Hub, below `library/` if it is a single name. Sets no
 * default for tag or digest: the caller decides what to verify.
 */
export function parseReference(text: string): ParsedReference {
  const trimmed = text.trim()
  if (!trimmed) return { ok: false, problem: 'it is empty' }
  if (/^https?:\/\//i.test(trimmed))
    return { ok: false, problem: 'it has a scheme; write it without http(s)://' }
  if (/^[a-f0-9]{64}$/.test(trimmed))
    return { ok: false, problem: 'it is a bare digest; write repository@sha256:…' }
  const [beforeDigest, digest, ...rest] = trimmed.split('@')
  if (rest.length > 0) return { ok: false, problem: 'it has more than one @' }
  if (digest !== undefined && !parseDigest(digest)) {
    return { ok: false, problem: 'the part after the @ is not a digest such as sha256:<64 hex digits>' }
  }
  const { name, tag } = splitTag(beforeDigest ?? '')
  if (tag !== undefined && !isTag(tag)) return { ok: false, problem: tagProblem(tag) }
  const place = parseRepository(name)
  if (!place.ok) return place
  return {
    ok: true,
    value: {
      ...place.value,
      ...(tag === undefined ? {} : { tag }),
      ...(digest === undefined ? {} : { digest }),
    },
  }
}

/** Parses `host/path` or a Docker Hub short name, without tag and digest. */
export function parseRepository(
  name: string,
): { ok: true; value: Repository } | { ok: false; problem: string } {
  const slash = name.indexOf('/')
  const first = slash < 0 ? '' : name.slice(0, slash)
  const hasHost = first !== '' && looksLikeHost(first)
  const lower = first.toLowerCase()
  const registry = hasHost ? (looksLikeHost(lower) ? lower : first) : 'docker.io'
  const path = hasHost ? name.slice(slash + 1) : name
  if (hasHost && !isHost(registry))
    return { ok: false, problem: `“${first}” is not a valid host name, or has no valid port (at most 65535)` }
  const onHub = hub.has(registry)
  const repository = onHub && !path.includes('/') ? `library/${path}` : path
  const problem = pathProblem(repository, path)
  if (problem) return { ok: false, problem }
  return {
    ok: true,
    value: {
      registry: onHub ? 'docker.io' : registry,
      apiHost: onHub ? 'registry-1.docker.io' : registry.toLowerCase(),
      repository,
    },
  }
}

/** True if the first component of a reference is a host and not a Docker Hub namespace. */
export const looksLikeHost = (component: string): boolean =>
  /[.:]/.test(component) || component === 'localhost' || /[A-Z]/.test(component)

/** A name has at most 253 characters (RFC 1035, 2.3.4). `1.2.3.4.5` and port 99999 match the pattern, but are not valid in a URL. */
const isHost = (text: string): boolean =>
  text.replace(/:\d+$/, '').length <= 253 && hostPattern.test(text) && URL.canParse(`http://${text}/`)

/** True for a tag by the grammar of distribution-spec. */
export const isTag = (text: string): boolean => tagPattern.test(text)

/** True for a repository's path that a registry accepts in a request (distribution/reference, with its limit of 255 characters). */
export const isRepositoryPath = (text: string): boolean =>
  text.length <= 255 && text.split('/').every((part) => component.test(part))

/** `host/repository`, as users write it. */
export const repositoryName = (at: Repository): string => `${at.registry}/${at.repository}`

/** The reference as users write it: `host/repository:tag`, with `@digest` if it has one. */
export const referenceName = (ref: Reference): string =>
  `${repositoryName(ref)}${ref.tag === undefined ? '' : `:${ref.tag}`}${ref.digest === undefined ? '' : `@${ref.digest}`}`

function splitTag(text: string): { name: string; tag?: string } {
  const colon = text.lastIndexOf(':')
  if (colon < 0 || text.indexOf('/', colon) >= 0) return { name: text }
  // Every other tool also reads a bare `localhost:5000` as a name with a tag.
  return { name: text.slice(0, colon), tag: text.slice(colon + 1) }
}

function tagProblem(tag: string): string {
  if (tag === '') return 'the tag after the colon is empty'
  return `“${tag}” is not a valid tag (letters, digits, _ . -, not starting with . or -, at most 128 characters)`
}

function pathProblem(repository: string, written: string): string | undefined {
  if (written === '') return 'the repository is missing'
  if (/[A-Z]/.test(repository))
    return `the repository “${written}” must be lower case${written.length > 64 ? '' : `: ${written.toLowerCase()}`}`
  const bad = repository.split('/').find((part) => !component.test(part))
  if (bad !== undefined)
    return `“${bad}” is not a valid part of a repository name (a-z, 0-9, single . _ - between them)`
  return repository.length > 255 ? 'the repository name is longer than 255 characters' : undefined
}
