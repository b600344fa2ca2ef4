import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { InputError } from '../../src/core/errors.ts'
import { describeRange, parseSpec, resolveParameters, splitList } from '../../src/core/parameters.ts'

describe('parseSpec', () => {
  it.each([
    ['lru', 'lru', {}],
    [' lru ', 'lru', {}],
    ['lru()', 'lru', {}],
    ['lru-k(k=3)', 'lru-k', { k: '3' }],
    ['a( x = 1 , y = two )', 'a', { x: '1', y: 'two' }],
    ['a(x=1,)', 'a', { x: '1' }],
    ['./mine.js', './mine.js', {}],
  ])('%s', (text, name, values) => {
    expect(parseSpec(text)).toEqual({ name, arguments: values })
  })

  it.each([
    '',
    '(',
    'a(',
    'a)',
    'a(x)',
    'a(x=)',
    'a(=1)',
    'a(x=1=2)',
    'a(x=1,x=2)',
    'a b',
    'a=1',
    'a(b(c=1))d',
  ])('refuses %j', (text) => {
    expect(() => parseSpec(text)).toThrow(InputError)
  })

  it('loses no setting, whatever its name', () => {
    const spec = parseSpec('a(__proto__=1,constructor=2)')
    expect(Object.entries(spec.arguments)).toEqual([
      ['__proto__', '1'],
      ['constructor', '2'],
    ])
    expect(() => resolveParameters({}, spec.arguments, 'it')).toThrow("unknown setting of it '__proto__'")
  })
})

describe('splitList', () => {
  it('splits at commas outside brackets and leaves out what is empty', () => {
    expect(splitList('a,b(x=1,y=2),c')).toEqual(['a', 'b(x=1,y=2)', 'c'])
    expect(splitList(' a , ,b,')).toEqual(['a', 'b'])
    expect(splitList('')).toEqual([])
  })

  it('gives back what was joined', () => {
    const name = fc.stringMatching(/^[a-z]{1,6}$/)
    const item = fc.oneof(
      name,
      fc
        .tuple(name, fc.array(name, { maxLength: 3 }))
        .map(([head, names]) => `${head}(${names.map((one) => `${one}=1`).join(',')})`),
    )
    fc.assert(
      fc.property(fc.array(item), (items) => {
        expect(splitList(items.join(','))).toEqual(items)
      }),
    )
  })
})

describe('resolveParameters', () => {
  const parameters = {
    k: { type: 'integer', default: 2, minimum: 1, maximum: 8, description: '' },
    x: { type: 'number', default: 0.5, minimum: 0, description: '' },
    on: { type: 'boolean', default: true, description: '' },
    mode: { type: 'choice', default: 'write', choices: ['write', 'idle'], description: '' },
  } as const

  it('fills in what is not given, and reads texts', () => {
    expect(resolveParameters(parameters, {}, 'it')).toEqual({ k: 2, x: 0.5, on: true, mode: 'write' })
    expect(resolveParameters(parameters, { k: '3', x: 1e3, on: 'false', mode: 'idle' }, 'it')).toEqual({
      k: 3,
      x: 1000,
      on: false,
      mode: 'idle',
    })
  })

  it.each([
    [{ k: '0' }, "'k' of it is '0': it must be a whole number from 1 to 8"],
    [{ k: 9 }, 'from 1 to 8'],
    [{ k: '2.5' }, 'a whole number'],
    [{ k: true }, 'a whole number'],
    [{ x: '' }, "'x' of it is ''"],
    [{ x: ' ' }, 'a number of 0 or more'],
    [{ x: false }, 'a number of 0 or more'],
    [{ x: 'NaN' }, 'a number of 0 or more'],
    [{ x: 'Infinity' }, 'a number of 0 or more'],
    [{ x: -1 }, 'a number of 0 or more'],
    [{ x: 'five' }, 'a number of 0 or more'],
    [{ on: 'yes' }, 'true or false'],
    [{ on: 1 }, 'true or false'],
    [{ mode: 'idel' }, "did you mean 'idle'?"],
    [{ mod: 1 }, "unknown setting of it 'mod'; did you mean 'mode'? (allowed: k, x, on, mode)"],
    [{ toString: '1' }, "unknown setting of it 'toString'"],
  ])('refuses %j', (given, message) => {
    expect(() => resolveParameters(parameters, given as Record<string, string>, 'it')).toThrow(InputError)
    expect(() => resolveParameters(parameters, given as Record<string, string>, 'it')).toThrow(message)
  })

  it('says ranges in words', () => {
    expect(describeRange({ type: 'number', default: 0, description: '' })).toBe('a number')
    expect(describeRange({ type: 'number', default: 0, maximum: 1, description: '' })).toBe(
      'a number of 1 or less',
    )
    expect(describeRange(parameters.mode)).toBe('write or idle')
  })
})
