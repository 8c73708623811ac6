/** A condition that a registry, or the road to it, can be in, and what must be told of it. */
export type PortState = {
  number: number
  condition: string
  /** The ids of its findings; none where silence is right. */
  findings: string[]
  /** Where that is proven, over a real socket: a file, and the whole title of a test in it. */
  tests: [file: string, title: string][]
}

const tags = 'test/answers/tags.test.ts'
const manifests = 'test/answers/manifests.test.ts'
const blobs = 'test/answers/blobs.test.ts'
const redirects = 'test/answers/redirects.test.ts'
const logins = 'test/answers/logins.test.ts'
const servers = 'test/answers/servers.test.ts'
const path = 'test/answers/path.test.ts'
const ourselves = 'test/answers/ourselves.test.ts'
const lengths = 'test/observe/image/lengths.test.ts'

const row = (
  number: number,
  condition: string,
  findings: string[],
  ...tests: PortState['tests']
): PortState => ({
  number,
  condition,
  findings,
  tests,
})

/** Every condition that must be told apart from all others. */
export const rows: PortState[] = [
  row(
    1,
    'A fresh tag answers 404, for as long as there is time to settle.',
    ['tag-missing'],
    [tags, 'a tag that never shows is told with the seconds waited and the digest of the push'],
    ['test/observe/image/settle.test.ts', 'whose tag appears after a while passes within the time to settle'],
  ),
  row(
    2,
    'A tag names another digest than the push reported.',
    ['tag-moved'],
    [tags, 'a tag that another push took is told with both digests, and with what may have happened'],
    ['test/observe/image/several.test.ts', 'is told, with both digests'],
  ),
  row(
    3,
    'An index is there, and children of it are not.',
    ['orphaned-index'],
    [manifests, 'an index whose children are gone is told with all of them and what deletes them'],
  ),
  row(
    4,
    'Of an index, an attestation alone is gone.',
    ['attestation-missing'],
    [manifests, 'an attestation that is gone is a warning, because the image can be pulled'],
  ),
  row(
    5,
    'A child is gone here, and another repository of the registry serves it.',
    ['child-not-linked'],
    [manifests, 'a child that another repository serves is a lost link, to be copied again'],
  ),
  row(
    6,
    'A configuration is gone.',
    ['config-missing'],
    [blobs, 'and is the configuration keeps the image from being started, which is said'],
  ),
  row(
    7,
    'A layer is gone.',
    ['layer-missing'],
    [blobs, 'and is a layer is told with its place, its size and who shares it'],
  ),
  row(
    8,
    'HEAD says that a blob is there, and of its content nothing comes.',
    ['stale-blob-cache'],
    [blobs, 'though HEAD says 200 is a stale entry of a cache, and the restart is the advice'],
  ),
  row(
    9,
    'A blob is shorter than its manifest says.',
    ['blob-truncated'],
    [blobs, 'whole, because it was cut short %s, is told with both lengths'],
  ),
  row(
    10,
    'A length of 0: of an empty file, or by a proxy that says so of a full one.',
    ['blob-empty', 'proxy-zero-length'],
    [blobs, 'because the file is empty is told as that'],
    [blobs, 'by the word of a proxy that says 0 to HEAD is there all the same, which is noted'],
  ),
  row(
    11,
    'A blob has the right length and other bytes.',
    ['blob-corrupt'],
    [blobs, 'as it was pushed, but as other bytes, is told with both digests'],
  ),
  row(
    12,
    'A manifest has other bytes than its digest says, and its header hides that.',
    ['manifest-corrupt'],
    [manifests, 'a manifest with other bytes is told with both digests and the header that hides it'],
  ),
  row(
    13,
    'A manifest tells a wrong size of a blob that is sound.',
    ['size-mismatch'],
    [blobs, 'a manifest that lies about the size of a sound layer is told by its digest and its field'],
  ),
  row(
    14,
    'HEAD is not served.',
    ['head-unsupported'],
    [blobs, 'with %i is a note, because GET is used instead'],
  ),
  row(
    15,
    'HEAD asks for more rights than GET.',
    ['head-unauthorized'],
    [blobs, 'with 401 where GET is answered with 200 is a note, when %s'],
  ),
  row(
    16,
    'A redirect leads to a storage that refuses HEAD, or GET as well.',
    ['storage-forbidden'],
    [redirects, 'and that refuses HEAD alone, because the address is signed for GET, is no fault'],
    [redirects, 'and that refuses GET, too, is named, with clock and policy as what to look at'],
  ),
  row(
    17,
    'A redirect leads to a host that cannot be reached.',
    ['storage-unreachable'],
    [redirects, 'and where nothing listens is unreachable, while the registry is well'],
    [redirects, 'and whose name no resolver knows is unreachable, too'],
  ),
  row(
    18,
    'A redirect leads down to plain http, or inward.',
    ['redirect-refused'],
    [redirects, 'down to plain http is refused, and nothing is sent there'],
    [redirects, 'a redirect from a name to an address of this machine is refused, and not asked'],
  ),
  row(
    19,
    'Redirects do not end.',
    ['redirect-loop'],
    [redirects, 'redirects in a circle end after ten, and a rewrite rule is what to look for'],
  ),
  row(
    20,
    'A 401 does not say how to log in.',
    ['auth-challenge-missing'],
    [logins, 'without a challenge lets one think of a proxy that strips it'],
  ),
  row(
    21,
    'A challenge has no realm, or one that is no web address.',
    ['auth-challenge-invalid'],
    [logins, 'with the challenge %s is told with what is wrong in it'],
    [
      'test/observe/registry/refused.test.ts',
      '%s is told as a challenge that cannot be used, and no password is sent',
    ],
    ['test/observe/registry/token-server.test.ts', 'may be named by a path of the registry'],
  ),
  row(
    22,
    'The token server cannot be reached.',
    ['token-server-unreachable'],
    [logins, 'where nothing listens is named beside the registry, and so is ROOT_URL'],
  ),
  row(
    23,
    'The token server refuses the login.',
    ['bad-credentials'],
    [logins, 'that answers %i refuses the user by name and by source, without the secret'],
  ),
  row(
    24,
    'The token server answers without a token, or without an end.',
    ['token-response-invalid'],
    [logins, 'that answers %.20s… gives no token, and what came is told'],
  ),
  row(
    25,
    'A token is taken, and allows too little.',
    ['insufficient-scope'],
    [logins, 'whose token allows too little is told with the scopes wanted and granted'],
  ),
  row(
    26,
    'A fresh token is refused, and the clocks differ.',
    ['clock-skew'],
    [logins, 'a fresh token that is refused by a clock that differs is told with the seconds, and NTP'],
  ),
  row(
    27,
    'A token runs out on the way.',
    [],
    [
      'test/observe/registry/login.test.ts',
      'is verified though every token runs out in the middle, with one new token and no word of it',
    ],
  ),
  row(
    28,
    'Nobody logged in, and it is refused: private and missing look alike.',
    ['denied-or-missing'],
    [logins, 'when the registry answers %s'],
    [logins, 'when the registry gives a token to anybody, and answers 404 for the repository'],
  ),
  row(
    29,
    'A login pulls it, and a stranger does not.',
    ['not-public'],
    [logins, 'an image that must be public, and is not, fails; one that need not be passes'],
  ),
  row(
    30,
    'The registry limits how much may be asked.',
    ['rate-limited'],
    [servers, 'is told with what is left and when it resets, by %s, after one request'],
  ),
  row(
    31,
    'One digest answers 500, and all others are served.',
    ['registry-metadata-corrupt'],
    [servers, 'a 500 for one digest is the damaged record of that digest, asked twice and no more'],
  ),
  row(
    32,
    'The registry is down, or a proxy says so.',
    ['registry-unavailable'],
    [servers, 'a registry that answers %i is down, and the image is unknown, not broken'],
  ),
  row(
    33,
    'An answer comes without a length.',
    ['length-unknown'],
    [lengths, '%s is no fault: the last byte decides'],
    [lengths, '%s at depth %s is told as what it is'],
  ),
  row(
    34,
    'An answer comes compressed, though nobody asked for it.',
    ['content-encoded'],
    [lengths, '%s at depth %s is told as what it is'],
    [lengths, 'of a manifest may be compressed, too'],
  ),
  row(
    35,
    'An answer comes without Docker-Content-Digest.',
    [],
    ['test/observe/image/manifests.test.ts', 'may come without a header'],
  ),
  row(
    36,
    'Descriptor, answer and manifest name different media types.',
    ['mediatype-mismatch'],
    [manifests, 'a manifest that three places call differently is told with all three'],
  ),
  row(
    37,
    'A registry answers 404 to who does not accept the kind of manifest.',
    ['answer-invalid'],
    [manifests, 'every question for a manifest says that every kind of manifest is accepted'],
    [manifests, 'a 404 for what is not accepted is never told as a missing tag or platform'],
  ),
  row(
    38,
    'A web page comes in place of a manifest.',
    ['not-a-registry'],
    [servers, 'a login page with 200 is no registry, and its title is told'],
  ),
  row(
    39,
    'A manifest is no JSON, is two things at once, or is too large.',
    ['manifest-invalid', 'manifest-too-large'],
    [manifests, 'a manifest that breaks off is invalid, and its length and what is wrong with it are told'],
    [manifests, 'a manifest that is an image and an index at once is invalid, and is told so'],
    ['test/observe/image/manifests.test.ts', 'of 16 MiB is refused by its length, without reading it'],
  ),
  row(
    40,
    'A manifest is of schema 1.',
    ['unsupported-schema1'],
    [manifests, 'a manifest of schema 1 is told with who refuses it, and rebuilding is the advice'],
  ),
  row(
    41,
    'A platform is not there, or twice, or under another variant.',
    ['platform-missing', 'platform-duplicate'],
    [manifests, 'a platform that was never pushed is told with what is wanted and what is there'],
    [manifests, 'a platform that an index lists twice is a warning with both digests'],
    [manifests, '%s that is asked for is there when the index lists %s'],
  ),
  row(
    42,
    'An index and a configuration name different platforms.',
    ['platform-mismatch'],
    [manifests, 'an image that was built for another platform than its index says is told with both'],
  ),
  row(
    43,
    'A configuration lists another number of layers than its manifest.',
    ['config-layer-count'],
    [manifests, 'a configuration of another number of layers than its manifest is told with both'],
  ),
  row(
    44,
    'A layer lives elsewhere, as its descriptor says.',
    ['foreign-layer-skipped'],
    [blobs, 'and lives elsewhere by design is a note with its address'],
  ),
  row(
    45,
    'A graph is deeper or wider than any real image, or a circle.',
    ['graph-limit'],
    ['test/observe/image/graph-limits.test.ts', 'are not followed deeper, which is said'],
    ['test/observe/image/graph-limits.test.ts', 'that name each other in a circle end'],
    ['test/observe/image/graph-limits.test.ts', 'is looked at up to the limit, which is said'],
  ),
  row(
    46,
    'A pull-through cache lacks what nobody pulled.',
    ['sparse-allowed'],
    [manifests, 'a pull-through cache may lack platforms with `mirror: true`, and not without it'],
  ),
  row(
    47,
    'A catalog is refused, not served, or empty; or it comes in pages.',
    ['catalog-inaccessible', 'catalog-unsupported', 'catalog-empty'],
    [servers, 'that answers %i is %s, and never a healthy registry'],
    [servers, 'that lists nothing is a warning'],
    [servers, 'in short pages is followed to its end'],
  ),
  row(
    48,
    'A catalog lists a repository that has no tags.',
    ['empty-repo'],
    [servers, 'may list a repository that %s, which is a note'],
  ),
  row(
    49,
    'TLS fails: an unknown authority, an old certificate, another name, or no TLS at all.',
    ['tls-untrusted', 'tls-expired', 'tls-name-mismatch', 'tls-plain-http'],
    [path, 'with a certificate of nobody that is known is untrusted, and `ca_file` is the advice'],
    [path, 'with a certificate that is over is told as that'],
    [path, 'with a certificate for another name is told with both names'],
    [path, 'to a server of plain http is told as that, and `insecure` is the advice'],
  ),
  row(
    50,
    'The road ends: no such name, a closed port, no answer to a connection, a reset, no answer to a request.',
    ['name-not-resolved', 'connection-refused', 'connection-timeout', 'connection-cut', 'answer-timeout'],
    [path, 'because no resolver knows its name is told by the name'],
    [path, 'because nothing listens is told by address and port'],
    [path, 'because it takes no connection is told with the time that was waited'],
    [path, 'because the connection is reset %s is the road, not the image'],
    [
      'test/observe/http/dial.test.ts',
      'a server that takes the request and never answers runs into the limit for answers',
    ],
  ),
  row(
    51,
    'A digest is of an algorithm that nobody knows.',
    ['unverifiable-digest'],
    [manifests, 'content under a digest of an unknown algorithm is a warning that names that'],
  ),
  row(
    52,
    'This program fails itself.',
    [],
    [
      ourselves,
      'a file of %s that cannot be read is a mistake in the settings, and nothing is said of the image',
    ],
    [ourselves, 'a check that fails itself leaves the image unchecked, apart from all findings'],
    [ourselves, 'an error that nobody caught says that it says nothing of the image'],
  ),
]
