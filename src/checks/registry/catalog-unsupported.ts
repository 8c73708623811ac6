import { defineCheck } from '../../core/model.ts'

export default defineCheck({
  id: 'catalog-unsupported',
  group: 'registry',
  title: 'the registry has a catalog',
  fault: 'The registry has no catalog that could be read, so not everything could be verified.',
  severity: 'error',
  advice: 'Name the repositories with `repo`: Docker Hub, GHCR and others list nothing.',
  needs: ['image'],
  run: ({ image }) => {
    const listed = image.catalog?.listed
    if (!image.catalog || !listed?.seen || listed.value.state !== 'refused') return []
    const { status, code } = listed.value.refusal
    if (status === 403) return []
    return [
      {
        subject: `${image.catalog.registry}/v2/_catalog`,
        message: `it answered ${status} ${code}`.trimEnd(),
      },
    ]
  },
})
