/** Traits in which real registries differ. They may be changed while the registry runs. */
export type Behaviour = {
  /** Serve every GET whole, as Gitea and Forgejo do on local storage. */
  ignoreRanges: boolean
  /** Answer the referrers API; registry 2 doesn't. */
  referrers: boolean
  /** Answer `/v2/_catalog`; hosted registries don't. */
  catalog: boolean
  /** Page and sort tag lists; registry 2 sends all tags in no order. */
  tagPages: boolean
  /** The largest page of any list, whatever the request asks for. */
  pageSize: number
  /** Send Docker-Content-Digest. */
  digestHeader: boolean
}

/** A registry that does everything the specification asks for. */
export const wellBehaved: Behaviour = {
  ignoreRanges: false,
  referrers: true,
  catalog: true,
  tagPages: true,
  pageSize: 100,
  digestHeader: true,
}
