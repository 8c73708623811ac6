import { failureInfo } from '../../core/failure.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'catalog-inaccessible',
  group: 'registry',
  title: 'the login may read the catalog',
  fault:
    'Catalog access denied: the registry does not allow this login to list its repositories, so not everything could be verified.',
  severity: 'error',
  advice: 'Use a login that may read the catalog (registry:catalog:*), or list the repositories in `repo`.',
  reads: ['registry.catalog'],
  run: ({ registry: { catalog } }) => {
    if (!catalog) return []
    const { listed, registry } = catalog
    const subject = `${registry}/v2/_catalog`
    if (!listed.seen) {
      const denied = failureInfo(listed.why.kind).refusal === 'rights'
      return denied ? [{ subject, message: listed.why.detail, evidence: listed.why.evidence }] : []
    }
    if (listed.value.state !== 'refused' || listed.value.refusal.status !== 403) return []
    const { status, code, message } = listed.value.refusal
    return [{ subject, message: `HTTP ${status} ${code}`.trimEnd(), evidence: message ? [message] : [] }]
  },
})
