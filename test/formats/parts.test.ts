import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createTrace } from '../../src/core/trace.ts'
import { CompositeKey, partsOfComposite } from '../../src/formats/composite-key.ts'
import { KeyInterner } from '../../src/formats/intern.ts'
import { parseNumber } from '../../src/formats/numbers.ts'
import { stableOrder } from '../../src/formats/sort.ts'
import { parseCondition } from '../../src/formats/where.ts'

const number = (text: string) => {
  const bytes = Buffer.from(`,${text},`)
  return parseNumber(bytes, 1, bytes.length - 1)
}

describe('numbers from bytes', () => {
  it('are what Number makes of any number as it is printed', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.double({ noDefaultInfinity: true, noNaN: true }), fc.maxSafeInteger()),
        (value) => {
          expect(number(String(value))).toBe(Number(String(value)))
        },
      ),
    )
  })

  it('are what Number makes of any digits with a point', () => {
    const digits = fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 1, maxLength: 22 })
    fc.assert(
      fc.property(digits, digits, fc.constantFrom('', '-', '+'), (whole, fraction, sign) => {
        expect(number(`${sign}${whole}.${fraction}`)).toBe(Number(`${sign}${whole}.${fraction}`))
        expect(number(whole)).toBe(Number(whole))
      }),
      { numRuns: 1000 },
    )
  })

  it.each([' 12 ', '\t1.5', '.5', '5.', '+3', '-0', '1E3', '9007199254740993'])(
    'may be written %j',
    (text) => {
      expect(number(text)).toBe(Number(text))
    },
  )

  it.each([
    '',
    ' ',
    '-',
    '.',
    '+.',
    '1 2',
    '1,5',
    '1_000',
    'NaN',
    'Infinity',
    '0x1F',
    '1e',
    'e5',
    '1..2',
    '१',
    '1e999',
  ])('are not %j', (text) => expect(number(text)).toBeNaN())
})

describe('interning', () => {
  it('gives ids as createTrace does, which knows strings', () => {
    const key = fc.string({ unit: fc.constantFrom('a', 'b', 'é'), maxLength: 9 })
    fc.assert(
      fc.property(fc.array(key, { minLength: 1, maxLength: 300 }), (keys) => {
        const interner = new KeyInterner()
        const ids = keys.map((text) => {
          const bytes = Buffer.from(`x${text}x`)
          return interner.intern(bytes, 1, bytes.length - 1)
        })
        expect(ids).toEqual(Array.from(createTrace({ keys }).keys))
        const bytesOf = interner.bytesOfKeys()
        expect(ids.map((id) => bytesOf(id).toString())).toEqual(keys)
      }),
    )
  })

  it('keeps numbers apart that differ in zeros, length or a letter, whatever fits into a slot', () => {
    const digit = fc.constantFrom('0', '0', '1', '9', '8', ':', '/')
    const key = fc.string({ unit: digit, minLength: 0, maxLength: 17 })
    fc.assert(
      fc.property(fc.array(key, { minLength: 1, maxLength: 200 }), (some) => {
        // Each beside its neighbours: a zero more in front, a zero more behind.
        const keys = some.flatMap((text) => [text, `0${text}`, `${text}0`, text])
        const interner = new KeyInterner()
        const ids = keys.map((text) => interner.intern(Buffer.from(text), 0, text.length))
        expect(ids).toEqual(Array.from(createTrace({ keys }).keys))
        const bytesOf = interner.bytesOfKeys()
        expect(ids.map((id) => bytesOf(id).toString())).toEqual(keys)
      }),
    )
  })

  it('keeps a quarter of a million keys apart, growing as it must', () => {
    const interner = new KeyInterner()
    const keys = Array.from({ length: 250_000 }, (_, i) => Buffer.from(`/product/${i * 7}/view`))
    const first = keys.map((bytes) => interner.intern(bytes, 0, bytes.length))
    expect(first.every((id, i) => id === i)).toBe(true)
    expect(keys.every((bytes, i) => interner.intern(bytes, 0, bytes.length) === i)).toBe(true)
    expect(interner.count).toBe(250_000)
    const bytesOf = interner.bytesOfKeys()
    expect(bytesOf(249_999).toString()).toBe('/product/1749993/view')
    expect(() => bytesOf(250_000)).toThrow(RangeError)
    expect(() => bytesOf(-1)).toThrow(RangeError)
  })
})

describe('the stable order', () => {
  it('is that of sorting pairs', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -5, max: 5 }), { maxLength: 200 }), (values) => {
        const expected = values.map((_, i) => i).sort((a, b) => values[a]! - values[b]! || a - b)
        expect(Array.from(stableOrder(Float64Array.from(values)))).toEqual(expected)
      }),
    )
  })
})

describe('conditions', () => {
  const holds = (condition: string, cell: string) => {
    const bytes = Buffer.from(`,${cell},`)
    return parseCondition(condition).test(bytes, 1, bytes.length - 1)
  }

  it.each<[string, string, boolean]>([
    ['s=200', '200', true],
    ['s==200', '200', true],
    ['s = 200', '200', true],
    ['s=200', '200.0', false],
    ['s=', '', true],
    ['s!=', '', false],
    ['s!=200', '404', true],
    ['s<10', '9', true],
    ['s<10', '10', false],
    ['s<=10', '10.0', true],
    ['s>9', '10', true],
    ['s>9', '-', false],
    ['s<9', '', false],
    ['s>=1e3', '1000', true],
    ['s>=2024-11', '2024-11-15 10:00:00', true],
    ['s<2024-11', '2024-11-15 10:00:00', false],
    ['s>b', 'ab', false],
    ['s=a=b', 'a=b', true],
  ])('%s for %j is %s', (condition, cell, expected) => {
    expect(holds(condition, cell)).toBe(expected)
  })

  it.each(['', 'status', '=5', ' !=5', '<'])('%j is none', (text) => {
    expect(() => parseCondition(text)).toThrow(/--where .* is not understood/)
  })
})

describe('keys of several columns', () => {
  const cell = fc.uint8Array({ max: 0xff, maxLength: 6 }).map((bytes) => bytes.filter((byte) => byte !== 0))

  it('are different wherever a cell is, whatever bytes they hold', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, cell), { minLength: 2, maxLength: 40 }), (rows) => {
        const composite = new CompositeKey(2)
        const keys = rows.map((cells) => {
          composite.clear()
          for (const bytes of cells) composite.add(bytes)
          return composite.bytes.toString('hex', 0, composite.length)
        })
        const cellsOf = rows.map((cells) => cells.map((bytes) => Buffer.from(bytes).toString('hex')).join())
        expect(new Set(keys).size).toBe(new Set(cellsOf).size)
      }),
    )
  })

  it('give back the texts that they were made of', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' }), { minLength: 2, maxLength: 4 }), (texts) => {
        const composite = new CompositeKey(texts.length)
        for (const text of texts) composite.addText(text)
        expect(partsOfComposite(composite.bytes.subarray(0, composite.length))).toEqual(texts)
      }),
    )
  })
})
