import type { Check } from '../model.ts'
import accessDenied from './access-denied.ts'
import addressPoolExhausted from './address-pool-exhausted.ts'
import addressPoolLow from './address-pool-low.ts'
import answerInvalid from './answer-invalid.ts'
import answerTimeout from './answer-timeout.ts'
import attestationMissing from './attestation-missing.ts'
import attestationNotListed from './attestation-not-listed.ts'
import attestationUnlinked from './attestation-unlinked.ts'
import authChallengeInvalid from './auth-challenge-invalid.ts'
import authChallengeMissing from './auth-challenge-missing.ts'
import badCredentials from './bad-credentials.ts'
import blobCorrupt from './blob-corrupt.ts'
import blobEmpty from './blob-empty.ts'
import blobTruncated from './blob-truncated.ts'
import bridgeChurnBurst from './bridge-churn-burst.ts'
import bridgeChurnRace from './bridge-churn-race.ts'
import catalogEmpty from './catalog-empty.ts'
import catalogInaccessible from './catalog-inaccessible.ts'
import catalogUnsupported from './catalog-unsupported.ts'
import certExpiring from './cert-expiring.ts'
import childNotLinked from './child-not-linked.ts'
import churnWindowTruncated from './churn-window-truncated.ts'
import clockSkew from './clock-skew.ts'
import configInvalid from './config-invalid.ts'
import configLayerCount from './config-layer-count.ts'
import configMissing from './config-missing.ts'
import connectionCut from './connection-cut.ts'
import connectionRefused from './connection-refused.ts'
import connectionTimeout from './connection-timeout.ts'
import conntrackNearFull from './conntrack-near-full.ts'
import contentEncoded from './content-encoded.ts'
import credentialHelperFailed from './credential-helper-failed.ts'
import deniedOrMissing from './denied-or-missing.ts'
import diffIdMismatch from './diff-id-mismatch.ts'
import diffIdNotChecked from './diff-id-not-checked.ts'
import dockerApiUnsupported from './docker-api-unsupported.ts'
import dockerChainMissing from './docker-chain-missing.ts'
import dockerNetworkRulesMissing from './docker-network-rules-missing.ts'
import dockerSubnetShadowsPeer from './docker-subnet-shadows-peer.ts'
import dockerUserJumpFlapping from './docker-user-jump-flapping.ts'
import duplicateRules from './duplicate-rules.ts'
import emptyRepo from './empty-repo.ts'
import endNotProven from './end-not-proven.ts'
import firewallManagerConflict from './firewall-manager-conflict.ts'
import foreignLayerSkipped from './foreign-layer-skipped.ts'
import forwardPolicyDropUnaccepted from './forward-policy-drop-unaccepted.ts'
import graphLimit from './graph-limit.ts'
import headUnauthorized from './head-unauthorized.ts'
import headUnsupported from './head-unsupported.ts'
import hostFirewallReject from './host-firewall-reject.ts'
import hostListenerStarved from './host-listener-starved.ts'
import hostPortRefused from './host-port-refused.ts'
import hostTcpBlackhole from './host-tcp-blackhole.ts'
import hostUnreachable from './host-unreachable.ts'
import hostUnreachableFromRunner from './host-unreachable-from-runner.ts'
import indexEmpty from './index-empty.ts'
import inlineDataMismatch from './inline-data-mismatch.ts'
import insufficientScope from './insufficient-scope.ts'
import iptablesBackendMixed from './iptables-backend-mixed.ts'
import iptablesStaleBridgeRule from './iptables-stale-bridge-rule.ts'
import jumpPositionFight from './jump-position-fight.ts'
import kubeRouterOverwriterPresent from './kube-router-overwriter-present.ts'
import layerMissing from './layer-missing.ts'
import leakedCiNetworks from './leaked-ci-networks.ts'
import lengthUnknown from './length-unknown.ts'
import listenerBacklogOverflow from './listener-backlog-overflow.ts'
import manifestCorrupt from './manifest-corrupt.ts'
import manifestInvalid from './manifest-invalid.ts'
import manifestTooLarge from './manifest-too-large.ts'
import manyInterfacesMade from './many-interfaces-made.ts'
import mediatypeMismatch from './mediatype-mismatch.ts'
import nameNotResolved from './name-not-resolved.ts'
import neighbourTableFull from './neighbour-table-full.ts'
import netdevLeak from './netdev-leak.ts'
import notARegistry from './not-a-registry.ts'
import notObservable from './not-observable.ts'
import notPublic from './not-public.ts'
import oomKillsSeen from './oom-kills-seen.ts'
import orphanDockerBridge from './orphan-docker-bridge.ts'
import orphanedIndex from './orphaned-index.ts'
import platformDuplicate from './platform-duplicate.ts'
import platformMismatch from './platform-mismatch.ts'
import platformMissing from './platform-missing.ts'
import proxyFailed from './proxy-failed.ts'
import proxyZeroLength from './proxy-zero-length.ts'
import rateLimitLow from './rate-limit-low.ts'
import rateLimited from './rate-limited.ts'
import redirectLoop from './redirect-loop.ts'
import redirectRefused from './redirect-refused.ts'
import referrerMissing from './referrer-missing.ts'
import registryError from './registry-error.ts'
import registryMetadataCorrupt from './registry-metadata-corrupt.ts'
import registryUnavailable from './registry-unavailable.ts'
import requestsRepeated from './requests-repeated.ts'
import runStopped from './run-stopped.ts'
import sizeMismatch from './size-mismatch.ts'
import snapshotFailed from './snapshot-failed.ts'
import softnetDrops from './softnet-drops.ts'
import sparseAllowed from './sparse-allowed.ts'
import staleBlobCache from './stale-blob-cache.ts'
import storageForbidden from './storage-forbidden.ts'
import storageUnreachable from './storage-unreachable.ts'
import subjectMissing from './subject-missing.ts'
import synQueueOverflow from './syn-queue-overflow.ts'
import tagMissing from './tag-missing.ts'
import tagMoved from './tag-moved.ts'
import tlsClientCertificate from './tls-client-certificate.ts'
import tlsExpected from './tls-expected.ts'
import tlsExpired from './tls-expired.ts'
import tlsFailed from './tls-failed.ts'
import tlsNameMismatch from './tls-name-mismatch.ts'
import tlsNotVerified from './tls-not-verified.ts'
import tlsPlainHttp from './tls-plain-http.ts'
import tlsUntrusted from './tls-untrusted.ts'
import tokenResponseInvalid from './token-response-invalid.ts'
import tokenServerUnreachable from './token-server-unreachable.ts'
import unsupportedSchema1 from './unsupported-schema1.ts'
import unverifiableDigest from './unverifiable-digest.ts'
import xtablesLockContention from './xtables-lock-contention.ts'

/** Every check, in the order their findings are told. A new one is a file, a line here, a test and a page. */
export const checks: readonly Check[] = [
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
  indexEmpty,
  graphLimit,
  platformMissing,
  platformDuplicate,
  platformMismatch,
  notPublic,
  configMissing,
  configInvalid,
  configLayerCount,
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
  insufficientScope,
  authChallengeMissing,
  authChallengeInvalid,
  tokenServerUnreachable,
  tokenResponseInvalid,
  redirectRefused,
  redirectLoop,
  storageForbidden,
  headUnsupported,
  headUnauthorized,
  lengthUnknown,
  proxyZeroLength,
  contentEncoded,
  nameNotResolved,
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
  tlsExpected,
  tlsFailed,
  tlsClientCertificate,
  tlsNotVerified,
  certExpiring,
  clockSkew,
  storageUnreachable,
  requestsRepeated,
  bridgeChurnRace,
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
  orphanDockerBridge,
  duplicateRules,
  addressPoolExhausted,
  addressPoolLow,
  leakedCiNetworks,
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
]
