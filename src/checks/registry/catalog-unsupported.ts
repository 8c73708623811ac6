import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'catalog-unsupported',
  group: 'registry',
  title: 'the registry has a catalog',
  fault:
    'Catalog not available: the registry does not list its repositories, so not everything could be verified.',
  severity: 'error',
  advice: 'List the repositories in `repo`: Docker Hub, GHCR and others have no catalog.',
  reads: ['registry.catalog'],
  run: ({ registry: { catalog } }) => {
    const listed = catalog?.listed
    if (!catalog || !listed?.seen || listed.value.state !== 'refused') return []
    const { status, code } = listed.value.refusal
    if (status === 403) return []
    return [
      {
        subject: `${catalog.registry}/v2/_catalog`,
        message: `HTTP ${status} ${code}`.trimEnd(),
      },
    ]
  },
})
