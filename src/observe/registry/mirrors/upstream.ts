import type { Observed } from '../../../core/observed.ts'
import { seen } from '../../../core/observed.ts'
import type { Upstream } from '../../../facts/registry/coverage.ts'
import type { Reference } from '../../../oci/reference.ts'
import type { Response } from '../../http/response.ts'
import { headManifest } from '../../image/manifest-head.ts'
import { isOfRegistry } from '../refusal.ts'
import type { Registry } from '../registry.ts'

/** Whether the registry of an image has it now, by one HEAD, which registries that count pulls do not count. */
export async function askUpstream(
  registry: Registry,
  { repository, tag, digest }: Reference,
): Promise<Upstream> {
  const asked = await headManifest(registry, repository, digest ?? tag ?? 'latest', readHead)
  return asked.seen ? asked.value : { state: 'unknown', why: `${asked.why.host}: ${asked.why.detail}` }
}

async function readHead(response: Response): Promise<Observed<Upstream>> {
  response.discard()
  const { status } = response
  const digest = response.header('docker-content-digest')
  if (status === 200) return seen({ state: 'has', ...(digest === undefined ? {} : { digest }) })
  if (status === 404 && isOfRegistry(response, '')) return seen({ state: 'lacks' })
  return seen({ state: 'unknown', why: `${response.host}: it answered ${status}` })
}
