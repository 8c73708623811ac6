import { expect, test } from 'vitest'
import {
  collectionOf,
  isFloating,
  registryVersion,
} from '../../../../src/facts/queries/storage/registry-image.ts'

const none = { labels: {}, history: [] }
// The form of Docker's official image, as `docker history --no-trunc` prints it.
const official = [
  'CMD ["/etc/docker/registry/config.yml"]',
  'RUN /bin/sh -c set -eux;  \tversion=\'2.8.3\'; \tapkArch="$(apk --print-arch)"; wget -O registry.tar.gz',
  'ADD alpine-minirootfs-3.18.tar.gz / # buildkit',
]

test.each([
  ['registry:2', { labels: {}, history: official }, { text: '2.8.3', from: 'history' }],
  [
    'distribution/distribution:edge',
    { labels: { 'org.opencontainers.image.version': 'v3.1.2' }, history: official },
    { text: '3.1.2', from: 'label' },
  ],
  ['registry:3.1.2', none, { text: '3.1.2', from: 'tag' }],
  ['registry:2', none, { text: '2', from: 'tag' }],
  ['registry.lan:5000/registry:3', none, { text: '3', from: 'tag' }],
  ['registry', none, undefined],
  ['registry:prod', { labels: { 'org.opencontainers.image.version': 'main' }, history: [] }, undefined],
  // The version of something else.
  ['registry:prod', { labels: {}, history: ["RUN version='1.2.3'; wget busybox"] }, undefined],
])('%s with %j has the version %j', (image, about, version) => {
  expect(registryVersion(image, about)).toEqual(version)
})

test.each([
  ['registry', true],
  ['registry:latest', true],
  ['registry:2', true],
  ['registry:2.8', true],
  ['registry:3-alpine', true],
  ['registry.lan:5000/registry', true],
  ['registry:2.8.3', false],
  ['registry:v3.1.2', false],
  ['registry:2024-05-01', false],
  ['registry:prod', false],
  [`registry:2@sha256:${'ab'.repeat(32)}`, false],
  ['sha256:0123', false],
])('%s floats: %s', (image, floats) => {
  expect(isFloating(image)).toBe(floats)
})

test.each([
  ['2.8.3', '2.8'],
  ['2', '2.8'],
  ['3.1.2', '3'],
  ['30.1', undefined],
  [undefined, undefined],
])('version %s is collected as %s', (text, collection) => {
  expect(collectionOf(text === undefined ? undefined : { text, from: 'label' })).toBe(collection)
})
