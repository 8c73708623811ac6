import * as z from 'zod'

/** What would let regguard observe more. `src/explain/remedies.ts` words each for the platform of the run. */
export const remedySchema = z.enum([
  /** The engine's socket as a volume. */
  'docker-socket',
  /** The socket is there, but this user may not open it. */
  'socket-access',
  /** `host_snapshot: true`, with the socket. */
  'host-snapshot',
  /** `network_mode: host`. */
  'host-network',
  /** The host's process ids: only the engine's own options give them. */
  'host-pid',
  /** CAP_SYSLOG, or /dev/kmsg where the kernel lets everybody read it. */
  'kernel-log',
  /** CAP_NET_ADMIN in the host's network namespace. */
  'net-admin',
  /** The programs of regguard's own image. */
  'tools',
  /** The setting `listeners`. */
  'listeners',
])
export type Remedy = z.infer<typeof remedySchema>
