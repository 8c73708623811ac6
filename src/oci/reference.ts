import * as z from 'zod'
import { parseDigest } from './digest.ts'

const repositorySchema = z.object({ registry: z.string(), apiHost: z.string(), repository: z.string() })
/** Where an image is: the registry's host as a person writes it, the host its API answers on, the repository. */
export type Repository = z.infer<typeof repositorySchema>

export const referenceSchema = repositorySchema.extend({
  tag: z.string().exactOptional(),
  digest: z.string().exactOptional(),
})
/** A whole reference. With both, the digest decides (distribution/reference). */
export type Reference = z.infer<typeof referenceSchema>

export type ParsedReference = { ok: true; value: Reference } | { ok: false; problem: string }

const component = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/
const tagForm = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/
const hostForm =
  /^(?:\[[0-9a-fA-F:.]+\]|[A-Za-z0-9]+(?:-+[A-Za-z0-9]+)*(?:\.[A-Za-z0-9]+(?:-+[A-Za-z0-9]+)*)*)(?::\d{1,5})?$/
const hub = new Set(['docker.io', 'index.docker.io', 'registry-1.docker.io'])

/**
 * Reads an image reference by distribution/reference's rules: the first component is a host when it
 * has a `.` or a `:` or is `localhost`; otherwise the image is on Docker Hub, under `library/` when it
 * is a single name. Gives neither tag nor digest a default: the caller decides what is looked at.
 */
export function parseReference(text: string): ParsedReference {
  const bare = text.trim()
  if (!bare) return { ok: false, problem: 'it is empty' }
  if (/^https?:\/\//i.test(bare))
    return { ok: false, problem: 'it has a scheme; write it without http(s)://' }
  if (/^[a-f0-9]{64}$/.test(bare))
    return { ok: false, problem: 'it is a bare digest; write repository@sha256:…' }
  const [beforeDigest, digest, ...rest] = bare.split('@')
  if (rest.length > 0) return { ok: false, problem: 'it has more than one @' }
  if (digest !== undefined && !parseDigest(digest)) {
    return { ok: false, problem: 'what follows the @ is no digest like sha256:<64 hex digits>' }
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

/** Reads `host/path` or a Docker Hub short name, without tag and digest. */
export function parseRepository(
  name: string,
): { ok: true; value: Repository } | { ok: false; problem: string } {
  const slash = name.indexOf('/')
  const first = slash < 0 ? '' : name.slice(0, slash)
  const named = first !== '' && looksLikeHost(first)
  const lower = first.toLowerCase()
  const registry = named ? (looksLikeHost(lower) ? lower : first) : 'docker.io'
  const path = named ? name.slice(slash + 1) : name
  if (named && !isHost(registry))
    return { ok: false, problem: `“${first}” is no host name, or has no port up to 65535` }
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

/** True when a reference's first component is a host and not a Docker Hub namespace. */
export const looksLikeHost = (component: string): boolean =>
  /[.:]/.test(component) || component === 'localhost' || /[A-Z]/.test(component)

/** A name has 253 characters at most (RFC 1035, 2.3.4); `1.2.3.4.5` and port 99999 have the form of a host, and no URL can name them. */
const isHost = (text: string): boolean =>
  text.replace(/:\d+$/, '').length <= 253 && hostForm.test(text) && URL.canParse(`http://${text}/`)

/** True for a tag by distribution-spec's grammar. */
export const isTag = (text: string): boolean => tagForm.test(text)

/** `host/repository`, the name people use for it. */
export const repositoryName = (at: Repository): string => `${at.registry}/${at.repository}`

/** The reference as people write it: `host/repository:tag`, or `@digest` when it names one. */
export const referenceName = (ref: Reference): string =>
  `${repositoryName(ref)}${ref.tag === undefined ? '' : `:${ref.tag}`}${ref.digest === undefined ? '' : `@${ref.digest}`}`

function splitTag(text: string): { name: string; tag?: string } {
  const colon = text.lastIndexOf(':')
  if (colon < 0 || text.indexOf('/', colon) >= 0) return { name: text }
  // `localhost:5000` alone is a name with a tag to every other tool, too.
  return { name: text.slice(0, colon), tag: text.slice(colon + 1) }
}

function tagProblem(tag: string): string {
  if (tag === '') return 'the tag after the colon is empty'
  return `“${tag}” is no tag (letters, digits, _ . -, not first . or -, 128 at most)`
}

function pathProblem(repository: string, written: string): string | undefined {
  if (written === '') return 'the repository is missing'
  if (/[A-Z]/.test(repository)) return `the repository “${written}” must be lower case`
  const bad = repository.split('/').find((part) => !component.test(part))
  if (bad !== undefined) return `“${bad}” is no part of a repository name (a-z, 0-9, single . _ - between)`
  return repository.length > 255 ? 'the repository name is longer than 255 characters' : undefined
}
