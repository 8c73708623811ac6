import type { HostAccess } from '../host-access.ts'
import { record, short } from './answer.ts'
import type { EngineApi } from './api.ts'

/**
 * The id of the container this process runs in, or undefined: from the files that an engine mounts into it
 * (`…/containers/<id>/hosts` of Docker, `…/overlay-containers/<id>/userdata/hosts` of Podman), else from its control
 * groups, which cgroup v2 hides. Measured on Docker 20.10 and Podman 4.3.
 */
export async function ownContainerId(access: HostAccess): Promise<string | undefined> {
  const mounts = await access.read('/proc/self/mountinfo')
  const mounted =
    mounts.ok &&
    /\/(?:overlay-)?containers\/([0-9a-f]{64})\/(?:userdata\/)?(?:hosts|hostname|resolv\.conf) \/etc\/(?:hosts|hostname|resolv\.conf) /.exec(
      mounts.text,
    )
  if (mounted) return mounted[1]
  const groups = await access.read('/proc/self/cgroup')
  return groups.ok
    ? /\/(?:docker[-/]|libpod-)([0-9a-f]{64})(?:\.scope)?(?:\/|$)/m.exec(groups.text)?.[1]
    : undefined
}

/** What an engine knows of the container that this process runs in. */
export type Self =
  | { ok: true; id: string; image: string; labels: Record<string, unknown> }
  | { ok: false; why: string }

/** Asks the engine for this process's own container. */
export async function inspectSelf(api: EngineApi, access: HostAccess): Promise<Self> {
  const id = await ownContainerId(access)
  if (id === undefined) return { ok: false, why: 'this is no container of an engine' }
  const told = await api.get(`/containers/${id}/json`)
  if (!told.ok && told.status === 404)
    return {
      ok: false,
      why: 'the engine behind the socket does not know this container: another one started it',
    }
  if (!told.ok) return told
  const about = record(told.value)
  const image = short(about.Image)
  if (image === undefined) return { ok: false, why: `GET /containers/${id.slice(0, 12)}: it names no image` }
  return { ok: true, id, image, labels: record(record(about.Config).Labels) }
}
