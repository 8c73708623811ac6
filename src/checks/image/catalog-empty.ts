import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'catalog-empty',
  group: 'image',
  title: 'the catalog lists at least one repository',
  fault: 'Empty catalog: the registry lists no repository, so nothing in it was verified.',
  severity: 'warning',
  advice:
    'Check that this is the right registry and storage; some registries list only what the login may see.',
  reads: ['registry.catalog'],
  run: ({ registry: { catalog } }) => {
    const empty =
      catalog?.listed.seen &&
      catalog.listed.value.state === 'listed' &&
      catalog.listed.value.names.length === 0
    return empty
      ? [
          {
            subject: `${catalog.registry}/v2/_catalog`,
            message: 'the registry answered 200 with an empty list',
          },
        ]
      : []
  },
})
