import { expect, it } from 'vitest'
import { describeThrown } from '../../src/core/errors.ts'

it.each<[unknown, string]>([
  [new Error('no room'), 'no room'],
  [new RangeError('too far'), 'RangeError: too far'],
  [new Error(''), 'an error without a message'],
  ['a text', "it threw 'a text'"],
  [42, 'it threw 42'],
  [-0.5, 'it threw -0.5'],
  [7n, 'it threw 7'],
  [false, 'it threw false'],
  [null, 'it threw null'],
  [undefined, 'it threw nothing'],
  [Symbol('s'), 'it threw a symbol'],
  [{ code: 5 }, 'it threw an object'],
])('%s that was thrown is described as: %s', (thrown, says) => {
  expect(describeThrown(thrown)).toBe(says)
})
