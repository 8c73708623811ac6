import { registryUrl } from './place.ts'

/** Registries whose storage only their operator can read. */
const hosted =
  /(?:^|\.)(?:docker\.io|ghcr\.io|quay\.io|gcr\.io|pkg\.dev|azurecr\.io|amazonaws\.com|public\.ecr\.aws|registry\.gitlab\.com)$/

/** Whether only its operator can read the storage of a registry. */
export const isHosted = (registry: string): boolean => hosted.test(registry)

/** Where a scan of the storage shows more, in a sentence to append; empty for a hosted registry, and where this run scans it. */
export function scanHint(
  registry: string,
  settings: { insecure: boolean; storage?: string | undefined },
): string {
  if (isHosted(registry) || settings.storage !== undefined) return ''
  const url = registryUrl({ registry, insecure: settings.insecure })
  return ` On the host of a registry:2 or 3, “regguard-plugin scan /var/lib/registry --registry ${url}” shows what can be restored.`
}
