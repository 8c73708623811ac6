import { count } from '../../core/units.ts'
import { defineCheck } from '../define.ts'

export default defineCheck({
  id: 'empty-repo',
  group: 'image',
  title: 'every repository has a tag',
  fault: 'Repositories are listed that have no tag left; there is nothing in them to pull by name.',
  severity: 'note',
  advice: 'Nothing to do: registry:2 lists a repository for ever once it was pushed to (distribution#1585).',
  reads: ['registry.catalog'],
  run: ({ registry: { catalog } }) => {
    const { registry = '', empty = [] } = catalog ?? {}
    if (empty.length === 0) return []
    const some = empty.slice(0, 5).join(', ')
    const more = empty.length > 5 ? ' …' : ''
    return [
      {
        subject: registry,
        message: `${count(empty.length, 'repository', 'repositories')} without a tag: ${some}${more}`,
      },
    ]
  },
})
