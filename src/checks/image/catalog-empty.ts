import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'catalog-empty',
  group: 'image',
  title: 'the catalog lists something',
  fault: 'The catalog lists no repository at all: nothing was verified.',
  severity: 'warning',
  advice:
    'Look whether this is the right registry and storage; some registries list only what a login may see.',
  reads: ['registry.catalog'],
  run: ({ registry: { catalog } }) => {
    const empty =
      catalog?.listed.seen &&
      catalog.listed.value.state === 'listed' &&
      catalog.listed.value.names.length === 0
    return empty
      ? [{ subject: `${catalog.registry}/v2/_catalog`, message: 'it answered 200 with an empty list' }]
      : []
  },
})
