import { count } from '../../core/units.ts'
import type { UnreadPlace } from '../../facts/storage.ts'
import { defineCheck } from '../define.ts'

const advice: Record<UnreadPlace['kind'], string> = {
  permission: 'Run regguard as the user that the registry runs as, or as root; it only reads.',
  symlink:
    'Mount the folder there instead of linking it (“mount --bind”); regguard follows no symbolic link, so what is behind one was not inspected.',
  disk: 'Look at the kernel log of the host (dmesg) and copy what can still be read, before the disk fails altogether.',
  changing: 'Scan again when fewer images are pushed, or while the registry is read-only.',
  other: 'Make the path readable, and scan again.',
}

export default defineCheck({
  id: 'storage-not-readable',
  group: 'storage',
  title: 'the whole storage can be read',
  fault: 'Not readable: parts of the storage were not inspected.',
  // Read errors of a disk are a fault; that this user may not read something is none of the registry.
  severity: 'warning',
  advice: advice.permission,
  reads: ['storage.layout'],
  run: ({ storage: { root, driver, layout, unread, stopped } }) => {
    if (!layout.seen)
      return stopped || driver === 's3' || layout.remedies.includes('storage-mount')
        ? []
        : [{ subject: root, message: layout.why }]
    return [...Map.groupBy(unread.places, ({ kind }) => kind)].map(([kind, places]) => {
      const [first] = places
      const all = unread.counts[kind]
      return {
        subject: first?.path ?? root,
        message: `${first?.why ?? ''}${all > 1 ? `, and ${count(all - 1, 'other path', 'other paths')}` : ''}`,
        evidence: places.slice(1).map(({ path }) => path),
        advice: advice[kind],
        cause: kind,
        ...(kind === 'disk' ? { severity: 'error' as const } : {}),
      }
    })
  },
})
