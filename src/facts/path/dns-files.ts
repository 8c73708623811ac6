import * as z from 'zod'

const file = z.object({
  file: z.string(),
  kind: z.enum(['netplan', 'resolved', 'resolv.conf']),
  /** The interface that netplan gives these servers to. */
  link: z.string().exactOptional(),
  servers: z.array(z.string()),
  search: z.array(z.string()),
  /** Servers that systemd-resolved uses only where no other is configured. */
  fallback: z.array(z.string()).exactOptional(),
})
/** The name servers of one file, or of one interface in it. */
export type DnsFile = z.infer<typeof file>

/** What the files of the setting `dns_config` say. */
export const dnsFilesSchema = z.object({
  files: z.array(file),
  /** `message` is the end of a sentence that begins with the file. */
  problems: z.array(z.object({ file: z.string(), message: z.string() })),
})
export type DnsFiles = z.infer<typeof dnsFilesSchema>
