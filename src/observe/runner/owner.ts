import type { Owner } from '../../facts/runner.ts'

/**
 * Names by the program that creates them: Woodpecker `wp_<ulid>_<n>_default` (pipeline/backend/docker), Forgejo's runner
 * `WORKFLOW-<hex>` and `FORGEJO-ACTIONS-TASK-…`, Gitea's `GITEA-ACTIONS-TASK-…`, GitHub's runner
 * `github_network_<hex>`, GitLab's `runner-<token>-project-<n>-concurrent-<n>-job-<n>-network` (executors/docker/internal/networks), act `act-<workflow>-<job>-network`,
 * compose `<project>_default`. The first match counts.
 */
const patterns: [RegExp, Owner][] = [
  [/^regguard-snapshot-/, 'regguard'],
  [/^wp_[0-9a-z]+(_|$)/i, 'woodpecker'],
  [/^(WORKFLOW-[0-9a-f]{8,}|FORGEJO-ACTIONS-TASK-\d+)/i, 'forgejo'],
  [/^GITEA-ACTIONS-TASK-\d+/, 'gitea'],
  [/^github_network_[0-9a-f]{32}$/, 'github'],
  [/^runner-.+-job-\d+-network$/, 'gitlab'],
  [/^act-.+-network$/, 'act'],
  [/^buildx[_-]/, 'buildx'],
  [/^(bridge|host|none|podman|docker_gwbridge|ingress)$/, 'engine'],
  [/._default$/, 'compose'],
]

/** The program that a network or container was created for: by its labels if they show it, else by its name. */
export function ownerOf(name: string, labels: Record<string, unknown> = {}): Owner {
  if ('regguard' in labels) return 'regguard'
  if ('org.testcontainers' in labels || 'org.testcontainers.sessionId' in labels) return 'testcontainers'
  if ('com.docker.compose.project' in labels) return 'compose'
  return patterns.find(([pattern]) => pattern.test(name))?.[1] ?? 'other'
}
