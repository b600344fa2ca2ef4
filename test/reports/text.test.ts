import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { clean, cutMiddle, displayWidth, fill, wrap } from '../../src/reports/text.ts'

const anyText = fc.string({ unit: 'binary' }).map(clean)

describe('the width of text', () => {
  it.each([
    ['', 0],
    ['lru 61.2 %', 10],
    ['naïve café', 10],
    ['cafe\u0301', 4],
    ['東京', 4],
    ['한국어', 6],
    ['🌧️!', 3],
    ['👩‍👩‍👧‍👦', 2],
    ['🇫🇷', 2],
    ['\u001b[31mred\u001b[39m', 3],
    ['├─┄█▏◆▲…α·', 10],
  ])('%j takes %i columns', (text, width) => {
    expect(displayWidth(text)).toBe(width)
  })
})

describe('cutting', () => {
  it('leaves short text as it is, and else keeps both ends', () => {
    expect(cutMiddle('lru', 3)).toBe('lru')
    expect(cutMiddle('user:1042:model-7', 9)).toBe('user…el-7')
    expect(cutMiddle('東京の天気は', 7)).toBe('東…気は')
    // Looking at every grapheme of this one would take minutes.
    expect(cutMiddle(`a👍${'é'.repeat(2_000_000)}👍b`, 7)).toBe('a👍…👍b')
  })

  it('never goes over the width', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 1, max: 30 }), (text, width) => {
        expect(displayWidth(cutMiddle(text, width))).toBeLessThanOrEqual(width)
      }),
    )
  })
})

describe('wrapping', () => {
  it('keeps a number and its percent sign together', () => {
    expect(wrap('it serves 61.2 % now', 14)).toEqual(['it serves', '61.2 % now'])
  })

  it('breaks only words that are longer than a line', () => {
    expect(wrap('a /very/long/path/indeed b', 10)).toEqual(['a', '/very/long', '/path/inde', 'ed b'])
  })

  it('never goes over the width, and loses nothing but spaces', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 4, max: 30 }), (text, width) => {
        const lines = wrap(text, width)
        for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(width)
        expect(lines.join('').replace(/\s/g, '')).toBe(text.replace(/\s/g, ''))
      }),
    )
  })

  it('fills lines with whole pieces', () => {
    expect(fill(['one two', 'three', 'four'], ' · ', 16)).toEqual(['one two · three', 'four'])
    expect(fill([], ' · ', 16)).toEqual([])
  })
})

describe('making text harmless', () => {
  it('writes out what would move the cursor, colour, reorder or hide', () => {
    expect(clean('\u001b[2Ja\nb\tc\u0000\u009b\u202e\u200b\u2028\ud800')).toBe(
      '\\x1b[2Ja\\nb\\tc\\x00\\x9b\\u202e\\u200b\\u2028\\ud800',
    )
    expect(clean('naïve 東京 🇫🇷 |`*')).toBe('naïve 東京 🇫🇷 |`*')
  })

  it('leaves nothing dangerous of any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(clean(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u)
      }),
    )
  })
})
