import clusterNotInspected from './cluster/cluster-not-inspected.ts'
import clusterRightMissing from './cluster/cluster-right-missing.ts'
import externalSecretFailing from './cluster/external-secret-failing.ts'
import fluxNotJudged from './cluster/flux-not-judged.ts'
import fluxReleaseFailing from './cluster/flux-release-failing.ts'
import fluxSourceCached from './cluster/flux-source-cached.ts'
import fluxSourceFailing from './cluster/flux-source-failing.ts'
import nodeEndpointFailing from './cluster/node-endpoint-failing.ts'
import nodeNetworkFailing from './cluster/node-network-failing.ts'
import nodeNotProbed from './cluster/node-not-probed.ts'
import nodeSetUpDiffers from './cluster/node-set-up-differs.ts'
import nodesAllFailing from './cluster/nodes-all-failing.ts'
import podNetworkFailing from './cluster/pod-network-failing.ts'
import pullEgressFailing from './cluster/pull-egress-failing.ts'
import pullFromCacheOnly from './cluster/pull-from-cache-only.ts'
import pullImageBroken from './cluster/pull-image-broken.ts'
import pullNodeFault from './cluster/pull-node-fault.ts'
import pullNodePath from './cluster/pull-node-path.ts'
import pullRefused from './cluster/pull-refused.ts'
import pullStuck from './cluster/pull-stuck.ts'
import pullUnclassified from './cluster/pull-unclassified.ts'
import type { Check } from './define.ts'
import attestationMissing from './image/attestation-missing.ts'
import attestationNotListed from './image/attestation-not-listed.ts'
import attestationUnlinked from './image/attestation-unlinked.ts'
import blobCorrupt from './image/blob-corrupt.ts'
import blobEmpty from './image/blob-empty.ts'
import blobTruncated from './image/blob-truncated.ts'
import catalogEmpty from './image/catalog-empty.ts'
import childNotLinked from './image/child-not-linked.ts'
import configInvalid from './image/config-invalid.ts'
import configLayerCount from './image/config-layer-count.ts'
import configMissing from './image/config-missing.ts'
import configTypeUnsupported from './image/config-type-unsupported.ts'
import configWithoutPlatform from './image/config-without-platform.ts'
import diffIdMismatch from './image/diff-id-mismatch.ts'
import diffIdNotChecked from './image/diff-id-not-checked.ts'
import emptyRepo from './image/empty-repo.ts'
import endNotProven from './image/end-not-proven.ts'
import foreignLayerSkipped from './image/foreign-layer-skipped.ts'
import graphLimit from './image/graph-limit.ts'
import gzipTrailerInvalid from './image/gzip-trailer-invalid.ts'
import indexEmpty from './image/index-empty.ts'
import indexNested from './image/index-nested.ts'
import indexWithoutPlatforms from './image/index-without-platforms.ts'
import inlineDataMismatch from './image/inline-data-mismatch.ts'
import layerArchiveInvalid from './image/layer-archive-invalid.ts'
import layerCompressionUnsupported from './image/layer-compression-unsupported.ts'
import layerEmpty from './image/layer-empty.ts'
import layerMissing from './image/layer-missing.ts'
import layerTrailingBytes from './image/layer-trailing-bytes.ts'
import layerTypeUnsupported from './image/layer-type-unsupported.ts'
import manifestCorrupt from './image/manifest-corrupt.ts'
import manifestInvalid from './image/manifest-invalid.ts'
import manifestTooLarge from './image/manifest-too-large.ts'
import mediatypeMismatch from './image/mediatype-mismatch.ts'
import mixedMediaTypes from './image/mixed-media-types.ts'
import notPublic from './image/not-public.ts'
import notRunnable from './image/not-runnable.ts'
import orphanedIndex from './image/orphaned-index.ts'
import platformDuplicate from './image/platform-duplicate.ts'
import platformMismatch from './image/platform-mismatch.ts'
import platformMissing from './image/platform-missing.ts'
import referrerMissing from './image/referrer-missing.ts'
import registryMetadataCorrupt from './image/registry-metadata-corrupt.ts'
import runStopped from './image/run-stopped.ts'
import sizeMismatch from './image/size-mismatch.ts'
import sparseAllowed from './image/sparse-allowed.ts'
import staleBlobCache from './image/stale-blob-cache.ts'
import subjectMissing from './image/subject-missing.ts'
import tagMissing from './image/tag-missing.ts'
import tagMoved from './image/tag-moved.ts'
import tooManyLayers from './image/too-many-layers.ts'
import unsupportedSchema1 from './image/unsupported-schema1.ts'
import unverifiableDigest from './image/unverifiable-digest.ts'
import addressDead from './path/address-dead.ts'
import answerTimeout from './path/answer-timeout.ts'
import certDefaultIngress from './path/cert-default-ingress.ts'
import certExpiring from './path/cert-expiring.ts'
import clockSkew from './path/clock-skew.ts'
import connectionCut from './path/connection-cut.ts'
import connectionRefused from './path/connection-refused.ts'
import connectionTimeout from './path/connection-timeout.ts'
import containerHostDnsDiffer from './path/container-host-dns-differ.ts'
import dnsConfigInvalid from './path/dns-config-invalid.ts'
import dnsLayersDisagree from './path/dns-layers-disagree.ts'
import egressFailing from './path/egress-failing.ts'
import endpointFailing from './path/endpoint-failing.ts'
import hairpinSuspected from './path/hairpin-suspected.ts'
import hostUnreachable from './path/host-unreachable.ts'
import hostsTomlIgnored from './path/hosts-toml-ignored.ts'
import imageCached from './path/image-cached.ts'
import lookupFailed from './path/lookup-failed.ts'
import mirrorConfigInvalid from './path/mirror-config-invalid.ts'
import mirrorErrorMasked from './path/mirror-error-masked.ts'
import mirrorFallbackBroken from './path/mirror-fallback-broken.ts'
import mirrorHostMismatch from './path/mirror-host-mismatch.ts'
import mirrorUnreachable from './path/mirror-unreachable.ts'
import nameNotResolved from './path/name-not-resolved.ts'
import pinMissing from './path/pin-missing.ts'
import pinRenumberHazard from './path/pin-renumber-hazard.ts'
import pinStale from './path/pin-stale.ts'
import pinWrongHost from './path/pin-wrong-host.ts'
import proxyFailed from './path/proxy-failed.ts'
import publicResolversOnly from './path/public-resolvers-only.ts'
import pullsFailing from './path/pulls-failing.ts'
import realmOutsideMirror from './path/realm-outside-mirror.ts'
import redirectHostUnreachable from './path/redirect-host-unreachable.ts'
import registryNotInternal from './path/registry-not-internal.ts'
import requestsRepeated from './path/requests-repeated.ts'
import resolverDead from './path/resolver-dead.ts'
import resolverDisagreement from './path/resolver-disagreement.ts'
import resolverFailing from './path/resolver-failing.ts'
import resolverMissing from './path/resolver-missing.ts'
import resolversIgnored from './path/resolvers-ignored.ts'
import searchDomainAnswer from './path/search-domain-answer.ts'
import storageUnreachable from './path/storage-unreachable.ts'
import tlsExpected from './path/tls-expected.ts'
import tlsExpired from './path/tls-expired.ts'
import tlsFailed from './path/tls-failed.ts'
import tlsHandshakeTimeoutPmtu from './path/tls-handshake-timeout-pmtu.ts'
import tlsLargeClienthelloDropped from './path/tls-large-clienthello-dropped.ts'
import tlsNameMismatch from './path/tls-name-mismatch.ts'
import tlsNotVerified from './path/tls-not-verified.ts'
import tlsPlainHttp from './path/tls-plain-http.ts'
import tlsRtoClustered from './path/tls-rto-clustered.ts'
import tlsTimeout from './path/tls-timeout.ts'
import tlsUntrusted from './path/tls-untrusted.ts'
import tokenServerUnreachable from './path/token-server-unreachable.ts'
import accessDenied from './registry/access-denied.ts'
import answerInvalid from './registry/answer-invalid.ts'
import authChallengeInvalid from './registry/auth-challenge-invalid.ts'
import authChallengeMissing from './registry/auth-challenge-missing.ts'
import badCredentials from './registry/bad-credentials.ts'
import catalogInaccessible from './registry/catalog-inaccessible.ts'
import catalogUnsupported from './registry/catalog-unsupported.ts'
import contentEncoded from './registry/content-encoded.ts'
import contentTypeInvalid from './registry/content-type-invalid.ts'
import credentialHelperFailed from './registry/credential-helper-failed.ts'
import deniedOrMissing from './registry/denied-or-missing.ts'
import digestNotServed from './registry/digest-not-served.ts'
import headMismatch from './registry/head-mismatch.ts'
import headRefused from './registry/head-refused.ts'
import headUnauthorized from './registry/head-unauthorized.ts'
import headUnsupported from './registry/head-unsupported.ts'
import imageNowhere from './registry/image-nowhere.ts'
import insufficientScope from './registry/insufficient-scope.ts'
import lengthUnknown from './registry/length-unknown.ts'
import mirrorIncomplete from './registry/mirror-incomplete.ts'
import mirrorMiss from './registry/mirror-miss.ts'
import mirrorNotAsked from './registry/mirror-not-asked.ts'
import mirrorOutdated from './registry/mirror-outdated.ts'
import notARegistry from './registry/not-a-registry.ts'
import proxyZeroLength from './registry/proxy-zero-length.ts'
import pushNotGranted from './registry/push-not-granted.ts'
import rateLimitLow from './registry/rate-limit-low.ts'
import rateLimited from './registry/rate-limited.ts'
import redirectLoop from './registry/redirect-loop.ts'
import redirectRefused from './registry/redirect-refused.ts'
import registryError from './registry/registry-error.ts'
import registryUnavailable from './registry/registry-unavailable.ts'
import storageForbidden from './registry/storage-forbidden.ts'
import tlsClientCertificate from './registry/tls-client-certificate.ts'
import tokenResponseInvalid from './registry/token-response-invalid.ts'
import addressPoolExhausted from './runner/address-pool-exhausted.ts'
import addressPoolLow from './runner/address-pool-low.ts'
import bridgeChurnBurst from './runner/bridge-churn-burst.ts'
import bridgeChurnRace from './runner/bridge-churn-race.ts'
import bridgePortsFull from './runner/bridge-ports-full.ts'
import churnWindowTruncated from './runner/churn-window-truncated.ts'
import conntrackNearFull from './runner/conntrack-near-full.ts'
import containerAddressUnreachableByVpn from './runner/container-address-unreachable-by-vpn.ts'
import containerNoEgress from './runner/container-no-egress.ts'
import containersCannotReachEachOther from './runner/containers-cannot-reach-each-other.ts'
import danglingVeths from './runner/dangling-veths.ts'
import dockerApiUnsupported from './runner/docker-api-unsupported.ts'
import dockerBridgeUnusable from './runner/docker-bridge-unusable.ts'
import dockerChainMissing from './runner/docker-chain-missing.ts'
import dockerMtuExceedsUplink from './runner/docker-mtu-exceeds-uplink.ts'
import dockerNetworkRulesMissing from './runner/docker-network-rules-missing.ts'
import dockerNotAnswering from './runner/docker-not-answering.ts'
import dockerProxyLeft from './runner/docker-proxy-left.ts'
import dockerRulesFlushed from './runner/docker-rules-flushed.ts'
import dockerSubnetShadowsPeer from './runner/docker-subnet-shadows-peer.ts'
import dockerUserJumpFlapping from './runner/docker-user-jump-flapping.ts'
import duplicateRules from './runner/duplicate-rules.ts'
import firewallManagerConflict from './runner/firewall-manager-conflict.ts'
import firewalldReloadLostIsolation from './runner/firewalld-reload-lost-isolation.ts'
import forwardPolicyDropUnaccepted from './runner/forward-policy-drop-unaccepted.ts'
import hostFirewallReject from './runner/host-firewall-reject.ts'
import hostListenerStarved from './runner/host-listener-starved.ts'
import hostPortRefused from './runner/host-port-refused.ts'
import hostTcpBlackhole from './runner/host-tcp-blackhole.ts'
import hostUnreachableFromRunner from './runner/host-unreachable-from-runner.ts'
import iccNotEnforced from './runner/icc-not-enforced.ts'
import ipForwardingOff from './runner/ip-forwarding-off.ts'
import iptablesBackendMixed from './runner/iptables-backend-mixed.ts'
import iptablesStaleBridgeRule from './runner/iptables-stale-bridge-rule.ts'
import jumpPositionFight from './runner/jump-position-fight.ts'
import kubeRouterOverwriterPresent from './runner/kube-router-overwriter-present.ts'
import leakedCiNetworks from './runner/leaked-ci-networks.ts'
import listenerBacklogOverflow from './runner/listener-backlog-overflow.ts'
import manyInterfacesMade from './runner/many-interfaces-made.ts'
import mssClampMissing from './runner/mss-clamp-missing.ts'
import mssClampOneWay from './runner/mss-clamp-one-way.ts'
import neighbourTableFull from './runner/neighbour-table-full.ts'
import netdevLeak from './runner/netdev-leak.ts'
import networksNotIsolated from './runner/networks-not-isolated.ts'
import notObservable from './runner/not-observable.ts'
import oomKillsSeen from './runner/oom-kills-seen.ts'
import orphanDockerBridge from './runner/orphan-docker-bridge.ts'
import publishedPortUnreachable from './runner/published-port-unreachable.ts'
import secondDockerEngine from './runner/second-docker-engine.ts'
import snapshotFailed from './runner/snapshot-failed.ts'
import softnetDrops from './runner/softnet-drops.ts'
import stepNoEgress from './runner/step-no-egress.ts'
import synQueueOverflow from './runner/syn-queue-overflow.ts'
import xtablesLockContention from './runner/xtables-lock-contention.ts'
import bucketNotReadable from './storage/bucket-not-readable.ts'
import gcBreaksImages from './storage/gc-breaks-images.ts'
import gcBreaksSharedIndex from './storage/gc-breaks-shared-index.ts'
import gcEmptiesRepository from './storage/gc-empties-repository.ts'
import gcForecastDiffers from './storage/gc-forecast-differs.ts'
import gcLosesReferrers from './storage/gc-loses-referrers.ts'
import gcLosesRepair from './storage/gc-loses-repair.ts'
import gcMissesRepository from './storage/gc-misses-repository.ts'
import gcWillAbort from './storage/gc-will-abort.ts'
import multipartUploadsLeft from './storage/multipart-uploads-left.ts'
import registryFloatingTag from './storage/registry-floating-tag.ts'
import storageAttestationMissing from './storage/storage-attestation-missing.ts'
import storageBlobCorrupt from './storage/storage-blob-corrupt.ts'
import storageBlobMissing from './storage/storage-blob-missing.ts'
import storageBlobTruncated from './storage/storage-blob-truncated.ts'
import storageForeignFile from './storage/storage-foreign-file.ts'
import storageHashesForgotten from './storage/storage-hashes-forgotten.ts'
import storageIncomplete from './storage/storage-incomplete.ts'
import storageLayerLinkMissing from './storage/storage-layer-link-missing.ts'
import storageLinkBroken from './storage/storage-link-broken.ts'
import storageLinkWithoutData from './storage/storage-link-without-data.ts'
import storageManifestDamaged from './storage/storage-manifest-damaged.ts'
import storageNotARegistry from './storage/storage-not-a-registry.ts'
import storageNotReadable from './storage/storage-not-readable.ts'
import storageOrphanedIndex from './storage/storage-orphaned-index.ts'
import storageReadsDiffer from './storage/storage-reads-differ.ts'
import storageSizeMismatch from './storage/storage-size-mismatch.ts'
import storageSparseIndex from './storage/storage-sparse-index.ts'
import storageTagBroken from './storage/storage-tag-broken.ts'
import storageTagDangling from './storage/storage-tag-dangling.ts'
import storageTagsLost from './storage/storage-tags-lost.ts'
import storageUnreferencedData from './storage/storage-unreferenced-data.ts'
import storageUnusedBlobCorrupt from './storage/storage-unused-blob-corrupt.ts'
import storageWrongOwner from './storage/storage-wrong-owner.ts'

/** Every check, in the order in which reports list their findings. A new check is a file, a line here, a test and a page. */
export const checks: readonly Check[] = [
  clusterNotInspected,
  clusterRightMissing,
  pullEgressFailing,
  pullNodePath,
  pullRefused,
  pullImageBroken,
  pullNodeFault,
  pullUnclassified,
  nodesAllFailing,
  nodeEndpointFailing,
  nodeNetworkFailing,
  podNetworkFailing,
  nodeSetUpDiffers,
  nodeNotProbed,
  pullStuck,
  pullFromCacheOnly,
  externalSecretFailing,
  fluxSourceFailing,
  fluxReleaseFailing,
  fluxSourceCached,
  fluxNotJudged,
  catalogInaccessible,
  catalogUnsupported,
  catalogEmpty,
  emptyRepo,
  tagMissing,
  tagMoved,
  orphanedIndex,
  childNotLinked,
  sparseAllowed,
  manifestCorrupt,
  manifestInvalid,
  manifestTooLarge,
  unsupportedSchema1,
  mediatypeMismatch,
  layerTrailingBytes,
  layerTypeUnsupported,
  configTypeUnsupported,
  layerArchiveInvalid,
  layerCompressionUnsupported,
  layerEmpty,
  mixedMediaTypes,
  indexEmpty,
  indexWithoutPlatforms,
  indexNested,
  tooManyLayers,
  graphLimit,
  gzipTrailerInvalid,
  platformMissing,
  platformDuplicate,
  platformMismatch,
  notPublic,
  configMissing,
  configInvalid,
  configLayerCount,
  configWithoutPlatform,
  notRunnable,
  layerMissing,
  foreignLayerSkipped,
  staleBlobCache,
  blobEmpty,
  blobTruncated,
  blobCorrupt,
  sizeMismatch,
  diffIdMismatch,
  diffIdNotChecked,
  inlineDataMismatch,
  unverifiableDigest,
  endNotProven,
  attestationMissing,
  attestationNotListed,
  attestationUnlinked,
  subjectMissing,
  referrerMissing,
  registryMetadataCorrupt,
  runStopped,
  resolverMissing,
  resolverDead,
  resolverFailing,
  publicResolversOnly,
  pinStale,
  pinWrongHost,
  pinMissing,
  hairpinSuspected,
  registryNotInternal,
  resolverDisagreement,
  searchDomainAnswer,
  containerHostDnsDiffer,
  dnsLayersDisagree,
  dnsConfigInvalid,
  resolversIgnored,
  pinRenumberHazard,
  tlsHandshakeTimeoutPmtu,
  tlsLargeClienthelloDropped,
  registryUnavailable,
  registryError,
  rateLimited,
  rateLimitLow,
  notARegistry,
  answerInvalid,
  badCredentials,
  credentialHelperFailed,
  accessDenied,
  deniedOrMissing,
  mirrorMiss,
  imageNowhere,
  mirrorIncomplete,
  mirrorOutdated,
  mirrorNotAsked,
  insufficientScope,
  pushNotGranted,
  authChallengeMissing,
  authChallengeInvalid,
  tokenServerUnreachable,
  tokenResponseInvalid,
  redirectRefused,
  redirectLoop,
  storageForbidden,
  digestNotServed,
  contentTypeInvalid,
  headRefused,
  headMismatch,
  headUnsupported,
  headUnauthorized,
  lengthUnknown,
  proxyZeroLength,
  contentEncoded,
  mirrorConfigInvalid,
  hostsTomlIgnored,
  mirrorHostMismatch,
  realmOutsideMirror,
  redirectHostUnreachable,
  mirrorFallbackBroken,
  mirrorUnreachable,
  mirrorErrorMasked,
  nameNotResolved,
  lookupFailed,
  connectionRefused,
  connectionTimeout,
  hostUnreachable,
  connectionCut,
  proxyFailed,
  answerTimeout,
  tlsUntrusted,
  tlsExpired,
  tlsNameMismatch,
  tlsPlainHttp,
  certDefaultIngress,
  tlsExpected,
  tlsTimeout,
  tlsRtoClustered,
  tlsFailed,
  tlsClientCertificate,
  tlsNotVerified,
  certExpiring,
  clockSkew,
  addressDead,
  egressFailing,
  storageUnreachable,
  endpointFailing,
  pullsFailing,
  requestsRepeated,
  imageCached,
  bridgeChurnRace,
  dockerNotAnswering,
  ipForwardingOff,
  dockerBridgeUnusable,
  dockerRulesFlushed,
  firewalldReloadLostIsolation,
  containerNoEgress,
  publishedPortUnreachable,
  stepNoEgress,
  containersCannotReachEachOther,
  containerAddressUnreachableByVpn,
  networksNotIsolated,
  iccNotEnforced,
  hostTcpBlackhole,
  dockerSubnetShadowsPeer,
  hostUnreachableFromRunner,
  listenerBacklogOverflow,
  hostListenerStarved,
  hostPortRefused,
  hostFirewallReject,
  iptablesStaleBridgeRule,
  dockerNetworkRulesMissing,
  dockerChainMissing,
  forwardPolicyDropUnaccepted,
  iptablesBackendMixed,
  bridgeChurnBurst,
  kubeRouterOverwriterPresent,
  dockerUserJumpFlapping,
  jumpPositionFight,
  xtablesLockContention,
  firewallManagerConflict,
  secondDockerEngine,
  orphanDockerBridge,
  dockerProxyLeft,
  duplicateRules,
  addressPoolExhausted,
  addressPoolLow,
  dockerMtuExceedsUplink,
  mssClampMissing,
  mssClampOneWay,
  leakedCiNetworks,
  danglingVeths,
  bridgePortsFull,
  conntrackNearFull,
  neighbourTableFull,
  netdevLeak,
  synQueueOverflow,
  oomKillsSeen,
  softnetDrops,
  manyInterfacesMade,
  dockerApiUnsupported,
  churnWindowTruncated,
  snapshotFailed,
  notObservable,
  storageNotARegistry,
  storageNotReadable,
  bucketNotReadable,
  storageIncomplete,
  storageOrphanedIndex,
  storageTagDangling,
  storageTagBroken,
  storageTagsLost,
  storageManifestDamaged,
  storageBlobMissing,
  storageBlobTruncated,
  storageBlobCorrupt,
  storageLayerLinkMissing,
  storageLinkBroken,
  storageSizeMismatch,
  storageForeignFile,
  storageAttestationMissing,
  storageSparseIndex,
  storageLinkWithoutData,
  storageUnreferencedData,
  storageUnusedBlobCorrupt,
  storageWrongOwner,
  storageHashesForgotten,
  storageReadsDiffer,
  registryFloatingTag,
  multipartUploadsLeft,
  gcBreaksImages,
  gcBreaksSharedIndex,
  gcMissesRepository,
  gcEmptiesRepository,
  gcLosesRepair,
  gcLosesReferrers,
  gcWillAbort,
  gcForecastDiffers,
]
