import fc from 'fast-check'
import { expect, test } from 'vitest'
import { prometheusText, readSample } from '../../src/outputs/prometheus.ts'

const family = (labels: Record<string, string>, value = 1) => ({
  ...{ name: 'regguard_test', help: 'A test.', type: 'gauge' as const },
  samples: [{ labels, value }],
})

test('writes the text format', () => {
  const text = prometheusText([
    { name: 'a_total', help: 'Back\\slash\nand line.', type: 'counter', samples: [{ labels: {}, value: 3 }] },
    { name: 'none', help: 'Left out.', type: 'gauge', samples: [] },
    {
      ...{ name: 'b', help: 'Two.', type: 'gauge' },
      samples: [
        { labels: { id: 'x', severity: 'error' }, value: 0 },
        { labels: { id: 'say "hi"\n', severity: 'C:\\' }, value: 1.5 },
      ],
    },
  ])
  expect(text).toBe(
    [
      '# HELP a_total Back\\\\slash\\nand line.',
      '# TYPE a_total counter',
      'a_total 3',
      '# HELP b Two.',
      '# TYPE b gauge',
      'b{id="x",severity="error"} 0',
      'b{id="say \\"hi\\"\\n",severity="C:\\\\"} 1.5',
      '',
    ].join('\n'),
  )
})

test.each([
  [Number.POSITIVE_INFINITY, '+Inf'],
  [Number.NEGATIVE_INFINITY, '-Inf'],
  [Number.NaN, 'NaN'],
  [1e21, '1e+21'],
])('the value %s is written as Prometheus reads it', (value, text) => {
  expect(prometheusText([family({}, value)])).toContain(`regguard_test ${text}\n`)
})

test('a name that is none is a bug', () => {
  expect(() => prometheusText([{ ...family({}), name: 'a b' }])).toThrow('not the name of a metric')
  expect(() => prometheusText([family({ 'a"b': '' })])).toThrow('not the name of a label')
})

test('any text in a label stays one line, and is found again', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string(), fc.nat(), (one, other, value) => {
      const labels = { one, other }
      const text = prometheusText([family(labels, value)])
      expect(text.split('\n')).toHaveLength(4)
      expect(readSample(text, 'regguard_test', labels)).toBe(value)
      expect(readSample(text, 'regguard_test', { one: `${one}x`, other })).toBeUndefined()
      expect(readSample(text, 'regguard', labels)).toBeUndefined()
    }),
  )
})
