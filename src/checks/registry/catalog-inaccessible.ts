import { defineCheck, type TroubleKind } from '../../core/model.ts'

/** Refusals that are of the catalog; its repositories may well be open. */
const refusals = new Set<TroubleKind>(['access-denied', 'denied-or-missing', 'insufficient-scope'])

export default defineCheck({
  id: 'catalog-inaccessible',
  group: 'registry',
  title: 'the catalog may be read',
  fault: 'The registry does not let this login list its repositories, so not everything could be verified.',
  severity: 'error',
  advice: 'Use a login that may read the catalog (registry:catalog:*), or name the repositories with `repo`.',
  needs: ['image'],
  run: ({ image }) => {
    if (!image.catalog) return []
    const { listed, registry } = image.catalog
    const subject = `${registry}/v2/_catalog`
    if (!listed.seen) {
      const denied = refusals.has(listed.why.kind)
      return denied ? [{ subject, message: listed.why.detail, evidence: listed.why.evidence }] : []
    }
    if (listed.value.state !== 'refused' || listed.value.refusal.status !== 403) return []
    const { status, code, message } = listed.value.refusal
    return [
      { subject, message: `it answered ${status} ${code}`.trimEnd(), evidence: message ? [message] : [] },
    ]
  },
})
