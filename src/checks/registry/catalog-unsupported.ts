import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'catalog-unsupported',
  group: 'registry',
  title: 'the registry has a catalog',
  fault: 'The registry has no catalog that could be read, so not everything could be verified.',
  severity: 'error',
  advice: 'Name the repositories with `repo`: Docker Hub, GHCR and others list nothing.',
  reads: ['registry.catalog'],
  run: ({ registry: { catalog } }) => {
    const listed = catalog?.listed
    if (!catalog || !listed?.seen || listed.value.state !== 'refused') return []
    const { status, code } = listed.value.refusal
    if (status === 403) return []
    return [
      {
        subject: `${catalog.registry}/v2/_catalog`,
        message: `it answered ${status} ${code}`.trimEnd(),
      },
    ]
  },
})
