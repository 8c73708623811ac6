/** A condition of a registry or of the network path to it, and the findings that it must lead to. */
export type Condition = {
  number: number
  condition: string
  /** The ids of its findings; empty if there must be none. */
  findings: string[]
  /** The tests that prove it over a real socket: file and full title. */
  tests: [file: string, title: string][]
}

const tags = 'test/answers/tags.test.ts'
const manifests = 'test/answers/manifests.test.ts'
const blobs = 'test/answers/blobs.test.ts'
const redirects = 'test/answers/redirects.test.ts'
const logins = 'test/answers/logins.test.ts'
const servers = 'test/answers/servers.test.ts'
const path = 'test/answers/path.test.ts'
const ownErrors = 'test/answers/own-errors.test.ts'
const lengths = 'test/observe/image/lengths.test.ts'

const row = (
  number: number,
  condition: string,
  findings: string[],
  ...tests: Condition['tests']
): Condition => ({
  number,
  condition,
  findings,
  tests,
})

/** All conditions, which must be distinguished from one another. */
export const conditions: Condition[] = [
  row(
    1,
    'A new tag answers 404 until it settles, or for good.',
    ['tag-missing'],
    [tags, 'a tag that never appears is tag-missing, with the time waited and the pushed digest'],
    ['test/observe/image/settle.test.ts', 'whose tag appears after a while passes within the time to settle'],
  ),
  row(
    2,
    'A tag points to another digest than the push reported.',
    ['tag-moved'],
    [tags, 'a tag that another push overwrote is tag-moved, with both digests and the likely reason'],
    ['test/observe/image/several.test.ts', 'is reported with both digests'],
  ),
  row(
    3,
    'An index exists, its children do not.',
    ['orphaned-index'],
    [manifests, 'an index without its children is orphaned-index, with all of them and what deletes them'],
  ),
  row(
    4,
    'Only an attestation of an index is missing.',
    ['attestation-missing'],
    [manifests, 'a missing attestation is a warning, because the image can be pulled'],
  ),
  row(
    5,
    'A child is missing here, but another repository of the registry serves it.',
    ['child-not-linked'],
    [manifests, 'a child that another repository serves is child-not-linked, with a copy as advice'],
  ),
  row(
    6,
    'A configuration is missing.',
    ['config-missing'],
    [blobs, 'that is the configuration is config-missing: the image cannot be started'],
  ),
  row(
    7,
    'A layer is missing.',
    ['layer-missing'],
    [blobs, 'that is a layer is layer-missing, with its index, size and platforms'],
  ),
  row(
    8,
    'HEAD reports a blob as present, GET returns no data.',
    ['stale-blob-cache'],
    [blobs, 'for which HEAD answers 200 is stale-blob-cache, with a restart as advice'],
  ),
  row(
    9,
    'A blob is shorter than its manifest says.',
    ['blob-truncated'],
    [blobs, 'with a truncation %s is blob-truncated, with both lengths'],
  ),
  row(
    10,
    'A length of 0: of an empty file, or reported by a proxy for a full one.',
    ['blob-empty', 'proxy-zero-length'],
    [blobs, 'whose file is empty is blob-empty'],
    [blobs, 'with length 0 in HEAD only is a note about the proxy'],
  ),
  row(
    11,
    'A blob has the right length and other bytes.',
    ['blob-corrupt'],
    [blobs, 'with other bytes is blob-corrupt, with both digests'],
  ),
  row(
    12,
    'A manifest has other bytes than its digest says, and its header hides that.',
    ['manifest-corrupt'],
    [
      manifests,
      'a manifest with other bytes is manifest-corrupt, with both digests and the header that hides it',
    ],
  ),
  row(
    13,
    'A manifest has a wrong size for an intact blob.',
    ['size-mismatch'],
    [blobs, 'a manifest with a wrong size for an intact layer is size-mismatch, with digest and field'],
  ),
  row(
    14,
    'HEAD is not supported.',
    ['head-unsupported'],
    [blobs, 'answered with %i is a note: GET is used instead'],
  ),
  row(
    15,
    'HEAD requires more rights than GET.',
    ['head-unauthorized'],
    [blobs, 'answered with 401 while GET works is a note, %s'],
  ),
  row(
    16,
    'A redirect leads to a storage that refuses HEAD, or GET as well.',
    ['storage-forbidden'],
    [redirects, 'that refuses only HEAD, because the URL is signed for GET, has no finding'],
    [redirects, 'that refuses GET is storage-forbidden, with clock and policy as advice'],
  ),
  row(
    17,
    'A redirect leads to a host that cannot be reached.',
    ['storage-unreachable'],
    [redirects, 'where nothing listens is storage-unreachable, and the registry passes'],
    [redirects, 'with an unknown name is storage-unreachable'],
  ),
  row(
    18,
    'A redirect leads to plain HTTP, or to an internal address.',
    ['redirect-refused'],
    [redirects, 'to plain HTTP is redirect-refused, and nothing is sent there'],
    [
      redirects,
      'a redirect from a name to a loopback address is redirect-refused, and nothing is sent there',
    ],
  ),
  row(
    19,
    'Redirects form a loop.',
    ['redirect-loop'],
    [redirects, 'a redirect loop ends after ten hops, with rewrite rules as advice'],
  ),
  row(
    20,
    'A 401 has no authentication challenge.',
    ['auth-challenge-missing'],
    [logins, 'without a challenge is auth-challenge-missing, with the proxy as advice'],
  ),
  row(
    21,
    'A challenge has no realm, or one that is not an http or https URL.',
    ['auth-challenge-invalid'],
    [logins, 'with the challenge %s is auth-challenge-invalid, with the reason'],
    ['test/observe/registry/refused.test.ts', '%s is auth-challenge-invalid, and no password is sent'],
    ['test/observe/registry/token-server.test.ts', 'may be a path of the registry'],
  ),
  row(
    22,
    'The token server cannot be reached.',
    ['token-server-unreachable'],
    [logins, 'where nothing listens is token-server-unreachable, with the registry, and ROOT_URL as advice'],
  ),
  row(
    23,
    'The token server refuses the login.',
    ['bad-credentials'],
    [logins, 'that answers %i is bad-credentials, with user and source but no secret'],
  ),
  row(
    24,
    'The token server responds without a token, or with too long a response.',
    ['token-response-invalid'],
    [logins, 'that answers %.20s… is token-response-invalid, with the kind of response'],
  ),
  row(
    25,
    'A token is accepted, but its scope is too small.',
    ['insufficient-scope'],
    [logins, 'whose token grants too little is insufficient-scope, with required and granted scope'],
  ),
  row(
    26,
    'A new token is rejected, and the clocks differ.',
    ['clock-skew'],
    [
      logins,
      'a new token that is rejected while clocks differ is clock-skew, with the seconds, and NTP as advice',
    ],
  ),
  row(
    27,
    'A token expires during the run.',
    [],
    [
      'test/observe/registry/login.test.ts',
      'is verified with one new token and without a retry if all tokens expire during the run',
    ],
  ),
  row(
    28,
    'A request without credentials is refused: private and missing look the same.',
    ['denied-or-missing'],
    [logins, 'if the registry answers %s'],
    [logins, 'if the registry issues tokens to everyone and answers 404 for the repository'],
  ),
  row(
    29,
    'The image can be pulled with the login, but not without one.',
    ['not-public'],
    [logins, 'an image that is not public fails with also_anonymous, and passes without'],
  ),
  row(
    30,
    'The registry limits requests.',
    ['rate-limited'],
    [servers, 'is rate-limited after one request, with the rest and the reset time in %s'],
  ),
  row(
    31,
    'One digest answers 500, all others are served.',
    ['registry-metadata-corrupt'],
    [servers, 'a 500 for one digest is registry-metadata-corrupt, after one retry'],
  ),
  row(
    32,
    'The registry is down, or a proxy reports it as down.',
    ['registry-unavailable'],
    [servers, 'a registry that answers %i is registry-unavailable, and the image is unknown'],
  ),
  row(
    33,
    'A response has no length.',
    ['length-unknown'],
    [lengths, '%s is not a fault: the last byte decides'],
    [lengths, '%s at depth %s is reported as what it is'],
  ),
  row(
    34,
    'A response is compressed although that was not requested.',
    ['content-encoded'],
    [lengths, '%s at depth %s is reported as what it is'],
    [lengths, 'of a manifest may be compressed, too'],
  ),
  row(
    35,
    'A response has no Docker-Content-Digest.',
    [],
    ['test/observe/image/manifests.test.ts', 'may come without a header'],
  ),
  row(
    36,
    'Descriptor, response and manifest name different media types.',
    ['mediatype-mismatch'],
    [manifests, 'a manifest with three different media types is mediatype-mismatch, with all three'],
  ),
  row(
    37,
    'A registry answers 404 to clients that do not accept the manifest type.',
    ['answer-invalid'],
    [manifests, 'every request for a manifest accepts all manifest types'],
    [manifests, 'a 404 for a type that is not accepted is answer-invalid'],
  ),
  row(
    38,
    'A web page is served instead of a manifest.',
    ['not-a-registry'],
    [servers, 'a login page with status 200 is not-a-registry, with its title'],
  ),
  row(
    39,
    'A manifest is not JSON, is two things at once, or is too large.',
    ['manifest-invalid', 'manifest-too-large'],
    [manifests, 'a truncated manifest is manifest-invalid, with its length and the reason'],
    [manifests, 'a manifest that is both an image and an index is manifest-invalid'],
    ['test/observe/image/manifests.test.ts', 'of 16 MiB is refused by its length, without reading it'],
  ),
  row(
    40,
    'A manifest is of schema 1.',
    ['unsupported-schema1'],
    [manifests, 'a schema 1 manifest is unsupported-schema1, with a rebuild as advice'],
  ),
  row(
    41,
    'A platform is missing, listed twice, or listed under another variant.',
    ['platform-missing', 'platform-duplicate'],
    [manifests, 'a platform that was not pushed is platform-missing, with expected and present platforms'],
    [manifests, 'a platform that an index lists twice is a warning with both digests'],
    [manifests, '%s is present if the index lists %s'],
  ),
  row(
    42,
    'An index and a configuration name different platforms.',
    ['platform-mismatch'],
    [manifests, 'an image for another platform than its index says is platform-mismatch, with both'],
  ),
  row(
    43,
    'A configuration lists another number of layers than its manifest.',
    ['config-layer-count'],
    [manifests, 'a configuration with another number of layers is config-layer-count, with both numbers'],
  ),
  row(
    44,
    'A layer is stored elsewhere, as its descriptor says.',
    ['foreign-layer-skipped'],
    [blobs, 'that is a foreign layer is a note with its URL'],
  ),
  row(
    45,
    'A graph is deeper or wider than any real image, or circular.',
    ['graph-limit'],
    ['test/observe/image/graph-limits.test.ts', 'are not followed beyond the limit, which is reported'],
    ['test/observe/image/graph-limits.test.ts', 'that form a cycle are read once'],
    ['test/observe/image/graph-limits.test.ts', 'is inspected up to the limit, which is reported'],
  ),
  row(
    46,
    'A pull-through cache lacks what was never pulled through it.',
    ['sparse-allowed'],
    [manifests, 'a pull-through cache may lack platforms with `mirror: true` only'],
  ),
  row(
    47,
    'A catalog is refused, not supported, or empty; or it has several pages.',
    ['catalog-inaccessible', 'catalog-unsupported', 'catalog-empty'],
    [servers, 'that answers %i is %s'],
    [servers, 'that is empty is a warning'],
    [servers, 'in many pages is read to its end'],
  ),
  row(
    48,
    'A catalog lists a repository without tags.',
    ['empty-repo'],
    [servers, 'with a repository that %s has a note'],
  ),
  row(
    49,
    'TLS fails: an unknown CA, an expired certificate, another name, or no TLS at all.',
    ['tls-untrusted', 'tls-expired', 'tls-name-mismatch', 'tls-plain-http'],
    [path, 'with a certificate of an unknown CA is tls-untrusted, with `ca_file` as advice'],
    [path, 'with an expired certificate is tls-expired'],
    [path, 'with a certificate for another name is tls-name-mismatch, with both names'],
    [path, 'to a plain HTTP server is tls-plain-http, with `insecure` as advice'],
  ),
  row(
    50,
    'The network path fails: unknown name, closed port, no answer to a connection, reset, no response to a request.',
    ['name-not-resolved', 'connection-refused', 'connection-timeout', 'connection-cut', 'answer-timeout'],
    [path, 'because its name is unknown is name-not-resolved'],
    [path, 'because nothing listens is connection-refused, with address and port'],
    [path, 'because it accepts no connection is connection-timeout, with the limit'],
    [path, 'because the connection is reset %s is connection-cut, and the image is unknown'],
    ['test/observe/http/dial.test.ts', 'on which a request gets no response fails after the response limit'],
  ),
  row(
    51,
    'A digest is of an unknown algorithm.',
    ['unverifiable-digest'],
    [manifests, 'a digest of an unknown algorithm is a warning with its name'],
  ),
  row(
    52,
    'regguard itself fails.',
    [],
    [ownErrors, 'an unreadable file in %s is a settings error, and the image is not judged'],
    [ownErrors, 'a check that throws leaves the image unknown, without a finding'],
    [ownErrors, 'an uncaught error is reported as a crash, and the image is not judged'],
  ),
]
