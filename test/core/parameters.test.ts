import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { InputError } from '../../src/core/errors.ts'
import {
  describeRange,
  parseSpec,
  resolveParameters,
  splitChain,
  splitList,
} from '../../src/core/parameters.ts'

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

  it('takes a first setting without its name, where there is one', () => {
    const first = (name: string) => (name === 'a' ? 'x' : undefined)
    expect(parseSpec('a(64KiB)', first).arguments).toEqual({ x: '64KiB' })
    expect(parseSpec('a( 1 , y=2)', first).arguments).toEqual({ x: '1', y: '2' })
    expect(parseSpec('a(y=2,x=1)', first).arguments).toEqual({ x: '1', y: '2' })
    for (const text of ['a(1,2)', 'a(y=1,2)', 'a(1,x=2)', 'b(1)'])
      expect(() => parseSpec(text, first), text).toThrow(InputError)
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

describe('splitChain', () => {
  it('splits at plus signs outside brackets, and leaves out nothing', () => {
    expect(splitChain('lru')).toEqual(['lru'])
    expect(splitChain('a(x=1e+3) + b+c(5e+1,y=2)')).toEqual(['a(x=1e+3)', 'b', 'c(5e+1,y=2)'])
    expect(splitChain('+a++b+')).toEqual(['', 'a', '', 'b', ''])
  })
})

describe('resolveParameters', () => {
  const parameters = {
    k: { type: 'integer', default: 2, minimum: 1, maximum: 8, description: '' },
    x: { type: 'number', default: 0.5, minimum: 0, description: '' },
    on: { type: 'boolean', default: true, description: '' },
    mode: { type: 'choice', default: 'write', choices: ['write', 'idle'], description: '' },
    room: { type: 'bytes', default: '1KiB', description: '' },
    wait: { type: 'duration', default: '5s', description: '' },
  } as const

  it('fills in what is not given, and reads texts', () => {
    expect(resolveParameters(parameters, {}, 'it')).toEqual({
      k: 2,
      x: 0.5,
      on: true,
      mode: 'write',
      room: 1024,
      wait: 5,
    })
    const given = { k: '3', x: 1e3, on: 'false', mode: 'idle', room: '2MB', wait: '200ms' }
    expect(resolveParameters(parameters, given, 'it')).toEqual({
      k: 3,
      x: 1000,
      on: false,
      mode: 'idle',
      room: 2_000_000,
      wait: 0.2,
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
    [{ room: '64' }, "'room' of it '64' has no unit"],
    [{ room: 64 }, 'such as 64MiB'],
    [{ room: '-1KiB' }, 'negative'],
    [{ wait: '2KiB' }, "'wait' of it '2KiB' is not understood"],
    [
      { mod: 1 },
      "unknown setting of it 'mod'; did you mean 'mode'? (allowed: k=2, x=0.5, on=true, mode=write, room=1KiB, wait=5s)",
    ],
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
    expect(describeRange(parameters.room)).toBe('bytes, such as 64KiB')
    expect(describeRange(parameters.wait)).toBe('a duration, such as 200ms')
  })
})
