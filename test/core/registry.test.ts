import { describe, expect, it } from 'vitest'
import { InputError, nearestName, unknownName } from '../../src/core/errors.ts'
import { Registry } from '../../src/core/registry.ts'

const part = (name: string) => ({ name, summary: `the ${name}` })

describe('a registry', () => {
  const registry = new Registry('policy', [part('lru'), part('lfu'), part('fifo')])

  it('keeps its parts by name, in the order they were registered', () => {
    expect(registry.names).toEqual(['lru', 'lfu', 'fifo'])
    expect(registry.all.map(({ summary }) => summary)).toEqual(['the lru', 'the lfu', 'the fifo'])
    expect(registry.get('lfu')).toBe(registry.all[1])
    expect(registry.has('lfu')).toBe(true)
    expect(registry.has('constructor')).toBe(false)
  })

  it('names the nearest where a name is unknown', () => {
    expect(() => registry.get('lur')).toThrow(InputError)
    expect(() => registry.get('lur')).toThrow(
      "unknown policy 'lur'; did you mean 'lru'? (allowed: lru, lfu, fifo)",
    )
    expect(() => registry.get('toString')).toThrow(/^unknown policy 'toString' \(allowed/)
  })

  it('takes no two parts of one name', () => {
    expect(() => new Registry('policy', [part('lru'), part('lru')])).toThrow(
      "two parts of kind policy are named 'lru'",
    )
  })

  it('says so where it is empty', () => {
    expect(() => new Registry('policy', []).get('lru')).toThrow("unknown policy 'lru' (there are none)")
  })
})

describe('the nearest name', () => {
  const names = ['lru', 'one-hit-wonders', 'optimal']

  it.each([
    ['LRU', 'lru'],
    ['lr', 'lru'],
    ['one-hit-wonder', 'one-hit-wonders'],
    ['onehitwonders', 'one-hit-wonders'],
    ['optmial', 'optimal'],
    ['rlu', 'lru'],
    ['xyzzy', undefined],
    ['lfu', 'lru'],
    ['fu', undefined],
    ['9', undefined],
    ['12.5', undefined],
    ['', undefined],
  ])('of %j is %s', (given, nearest) => {
    expect(nearestName(given, names)).toBe(nearest)
  })

  it.each([
    ['9', ['ts', 'k'], undefined],
    ['100', ['1000'], undefined],
    ['h', ['s', 'ms'], undefined],
    ['tme', ['Time', 'key'], 'Time'],
    ['cvs', ['tsv', 'csv'], 'csv'],
    ['hit_latency', ['missLatency', 'hitLatency'], 'hitLatency'],
    ['2-q', ['mq', '2q'], '2q'],
    ['lruk', ['lru', 'lru-k'], 'lru-k'],
    ['-', ['s', 'ms'], undefined],
    ['_', ['s', 'ms'], undefined],
  ])('of %j among %j is %s', (given, among, nearest) => {
    expect(nearestName(given, among)).toBe(nearest)
  })

  it('of one that goes by others too is its name here, but of a slip of those it is none', () => {
    const others = { belady: 'optimal', min: 'optimal', lruk: 'lru' }
    expect(nearestName('Belady', names, others)).toBe('optimal')
    expect(nearestName('M-I_N', names, others)).toBe('optimal')
    expect(nearestName('mi', names, others)).toBeUndefined()
    // Nearer to one by letters, it is another by name.
    expect(nearestName('lru-k', ['lru-x', 'lru'], others)).toBe('lru')
    expect(nearestName('lru', ['lru'], { lru: 'optimal' })).toBe('lru')
  })

  it('of nothing is nothing', () => {
    expect(nearestName('lru', [])).toBeUndefined()
    expect(unknownName('format', 'x', []).message).toBe("unknown format 'x' (there are none)")
  })
})
