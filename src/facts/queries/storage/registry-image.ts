import { parseReference } from '../../../oci/reference.ts'
import type { RegistryContainer } from '../../storage/registry-container.ts'

/** What an engine knows of an image. */
export interface ImageAbout {
  labels: Record<string, unknown>
  /** The command of each step of its build. */
  history: string[]
}

/**
 * The version of the registry in an image. Docker's official image has no label; the step of its build that downloads the program sets
 * `version='2.8.3'` (distribution-library-image, Dockerfile). Its tag comes last, for it may have moved since.
 */
export function registryVersion(
  image: string,
  { labels, history }: ImageAbout,
): RegistryContainer['version'] {
  const label = labels['org.opencontainers.image.version']
  if (typeof label === 'string' && version.test(label)) return { text: withoutV(label), from: 'label' }
  const step = history.find((command) => /\bregistry[_. ]/.test(command) && assigned.test(command))
  const [, found] = assigned.exec(step ?? '') ?? []
  if (found !== undefined) return { text: found, from: 'history' }
  const tag = tagOf(image)
  return tag !== undefined && version.test(tag) ? { text: withoutV(tag), from: 'tag' } : undefined
}

const version = /^v?\d+(?:\.\d+){0,2}(?:[-+][\w.-]+)?$/
const assigned = /\bversion='(\d+\.\d+\.\d+[\w.-]*)'/
const withoutV = (text: string): string => text.replace(/^v/, '')

/**
 * Whether a newer program may be behind the same reference tomorrow: no tag, `latest` and its like, or a version that is not complete.
 * A tag that is no version is taken for the user's own, which need not move.
 */
export function isFloating(image: string): boolean {
  // A container that was created from the id of an image.
  if (/^(?:sha256:)?[0-9a-f]+$/.test(image)) return false
  const parsed = parseReference(image)
  if (!parsed.ok || parsed.value.digest !== undefined) return false
  const { tag = 'latest' } = parsed.value
  return /^(?:latest|edge|nightly|stable|main|master)$/.test(tag) || /^v?\d+(?:\.\d+)?(?:-[a-z]+)?$/.test(tag)
}

function tagOf(image: string): string | undefined {
  const parsed = parseReference(image)
  return parsed.ok ? parsed.value.tag : undefined
}

/** The garbage collection of a registry with this version, as `gc` names it; undefined if it is another one, or not known. */
export function collectionOf(version: RegistryContainer['version']): '2.8' | '3' | undefined {
  const major = /^(\d+)(?:\.|$)/.exec(version?.text ?? '')?.[1]
  return major === '2' ? '2.8' : major === '3' ? '3' : undefined
}
