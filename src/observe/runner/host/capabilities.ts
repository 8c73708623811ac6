/** Bits of the capabilities that are checked here (include/uapi/linux/capability.h). */
const bits = { NET_ADMIN: 12n, SYS_PTRACE: 19n, SYSLOG: 34n }

/** Whether a capability is effective, by the text of /proc/self/status. */
export function hasCapability(status: string, name: keyof typeof bits): boolean {
  const mask = /^CapEff:\s*([0-9a-f]{1,16})$/m.exec(status)?.[1]
  return mask !== undefined && ((BigInt(`0x${mask}`) >> bits[name]) & 1n) === 1n
}
