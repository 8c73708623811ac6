import { count } from '../../core/units.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'empty-repo',
  group: 'image',
  title: 'every repository has a tag',
  fault:
    'Empty repository: the catalog lists repositories without tags; nothing in them can be pulled by name.',
  severity: 'note',
  advice:
    'Nothing to do: registry:2 keeps listing every repository that was ever pushed to (distribution#1585).',
  reads: ['registry.catalog'],
  run: ({ registry: { catalog } }) => {
    const { registry = '', empty = [] } = catalog ?? {}
    if (empty.length === 0) return []
    const names = empty.slice(0, 5).join(', ')
    const more = empty.length > 5 ? ' …' : ''
    return [
      {
        subject: registry,
        message: `${count(empty.length, 'repository', 'repositories')} without tags: ${names}${more}`,
      },
    ]
  },
})
