/** Traits in which real registries differ. Tests may change them while the registry runs. */
export type Behaviour = {
  /** Ignore range requests, as Gitea and Forgejo do with local storage. */
  ignoreRanges: boolean
  /** Support the referrers API. Registry 2 does not. */
  referrers: boolean
  /** Support `/v2/_catalog`. Hosted registries do not. */
  catalog: boolean
  /** Sort and paginate tag lists. Registry 2 sends all tags, unsorted. */
  tagPages: boolean
  /** The maximum page size of lists, whatever the request says. */
  pageSize: number
  /** Send Docker-Content-Digest. */
  digestHeader: boolean
}

/** A registry that follows the specification. */
export const wellBehaved: Behaviour = {
  ignoreRanges: false,
  referrers: true,
  catalog: true,
  tagPages: true,
  pageSize: 100,
  digestHeader: true,
}
