import { looksLikeHost, parseRepository } from '../../oci/reference.ts'
import type { Problem } from '../problem.ts'
import type { SettingName, Settings } from '../schema.ts'

/** A mirror, or a pull-through cache, that images are looked for in. */
export interface CoverageMirror {
  /** As it is called in reports: `mirror.lan:5000/hub`. */
  name: string
  /** The registry whose images it should hold; absent for all. */
  registry?: string
  host: string
  /** What its repositories begin with: `hub/`, or nothing. */
  prefix: string
}

const message =
  'must be the host of a mirror, with a path if it has one (mirror.lan:5000, harbor.lan/hub), or REGISTRY=MIRROR for one registry (docker.io=mirror.lan:5000)'

/** The mirrors of the setting `mirror_coverage`. */
export function parseMirrors(
  { mirror_coverage: items }: Settings,
  given: ReadonlySet<SettingName>,
  problems: Problem[],
): CoverageMirror[] {
  if (items.length === 0 && given.has('mirror_kind'))
    problems.push({ setting: 'mirror_kind', message: 'needs mirror_coverage, whose mirrors it is about' })
  return items.flatMap((value) => {
    const mirror = parseMirror(value)
    if (!mirror) problems.push({ setting: 'mirror_coverage', value, message })
    else if (mirror.registry === mirror.host && mirror.prefix === '')
      problems.push({ setting: 'mirror_coverage', value, message: 'names the registry itself as its mirror' })
    else return mirror
    return []
  })
}

function parseMirror(text: string): CoverageMirror | undefined {
  const [left = '', right, ...rest] = text.split('=')
  if (rest.length > 0) return undefined
  const [place, registry] = right === undefined ? [left, undefined] : [right, left]
  const at = parseRepository(`${place.replace(/\/+$/, '')}/x`)
  if (!at.ok || !looksLikeHost(place.split('/')[0] ?? '')) return undefined
  const of = registry === undefined ? undefined : parseRepository(`${registry}/x`)
  if (of && (!of.ok || !looksLikeHost(registry ?? '') || registry?.includes('/'))) return undefined
  const prefix = at.value.repository.slice(0, -'x'.length)
  return {
    ...{ host: at.value.registry, prefix, name: `${at.value.registry}/${prefix}`.replace(/\/$/, '') },
    ...(of?.ok ? { registry: of.value.registry } : {}),
  }
}
