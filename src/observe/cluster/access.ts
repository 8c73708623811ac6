import type { ExecEntry } from './kubeconfig-file.ts'

/** How requests to the API server are authenticated. */
export type ClusterAuth =
  | { kind: 'none' }
  | { kind: 'token'; token: string }
  /** Read again each minute: the tokens of service accounts rotate. */
  | { kind: 'token-file'; path: string }
  | { kind: 'basic'; username: string; password: string }
  | { kind: 'exec'; entry: ExecEntry; folder: string }

/** Where the API server is, and how to reach it. */
export interface ClusterAccess {
  server: URL
  from: string
  context?: string
  tls: {
    ca?: string
    cert?: string
    key?: string
    servername?: string
    skipVerify: boolean
  }
  proxy?: URL
  /** This process is a pod of the cluster. */
  isInside?: true
  auth: ClusterAuth
}

export type AccessResult = { ok: true; value: ClusterAccess } | { ok: false; from: string; why: string }
