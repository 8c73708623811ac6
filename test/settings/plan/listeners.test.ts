import { expect, test } from 'vitest'
import { parseListener } from '../../../src/settings/plan/listeners.ts'

test.each([
  ['22', { port: 22 }],
  [':22', { port: 22 }],
  [' 22 ', { port: 22 }],
  ['*:6443', { port: 6443 }],
  ['0.0.0.0:6443', { port: 6443 }],
  ['[::]:6443', { port: 6443 }],
  ['10.0.0.5:6443', { host: '10.0.0.5', port: 6443 }],
  ['[fd00::5]:22', { host: 'fd00::5', port: 22 }],
  ['Node-1.example.com:65535', { host: 'node-1.example.com', port: 65_535 }],
  ['localhost:22', { host: 'localhost', port: 22 }],
])('%s is a listener', (text, listener) => {
  expect(parseListener(text)).toEqual(listener)
})

test.each([
  '',
  'ssh',
  '0',
  '65536',
  '022222',
  '-1',
  '22/tcp',
  '10.0.0.5',
  '10.0.0.500:22',
  '10.0.0:22',
  'fd00::5:22',
  '[10.0.0.5]:22',
  '[nonsense]:22',
  'tcp://host:22',
  'host:',
  'host:22:22',
  'ho st:22',
  '-host:22',
  'host..name:22',
])('“%s” is invalid', (text) => {
  expect(parseListener(text)).toBeUndefined()
})
