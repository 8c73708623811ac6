import * as z from 'zod'

/** What would let regguard observe more. `src/explain/remedies.ts` has the text of each, by CI platform. */
export const remedySchema = z.enum([
  /** Mount the socket of the container engine. */
  'docker-socket',
  /** Let this user open the mounted socket. */
  'socket-access',
  /** Set `host_snapshot: true`, with the socket mounted. */
  'host-snapshot',
  /** Run on the host network. */
  'host-network',
  /** Run in the host's PID namespace: only options of the engine allow that. */
  'host-pid',
  /** Grant CAP_SYSLOG, or pass /dev/kmsg where the kernel lets every user read it. */
  'kernel-log',
  /** Grant CAP_NET_ADMIN in the host's network namespace. */
  'net-admin',
  /** Run regguard from its own image, which has the programs it needs. */
  'tools',
  /** Set `listeners`. */
  'listeners',
  /** Name in `listeners` what can be dialled from here. */
  'listener-entries',
  /** Mount the storage of the registry, read-only, at the path that `storage` names. */
  'storage-mount',
  /** Let this user read the storage of the registry. */
  'storage-access',
])
export type Remedy = z.infer<typeof remedySchema>
