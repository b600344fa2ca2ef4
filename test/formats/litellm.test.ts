import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRandom } from '../../src/core/random.ts'
import { contentOf, expectNoHarmOfDamage, namesOf, read } from './support.ts'

type Members = Record<string, unknown>

const log = (...rows: unknown[]) => rows.map((row) => JSON.stringify(row)).join('\n')
const chat = (text: string) => [{ role: 'user', content: text }]

/** A call as LiteLLM logs it. */
const call = (start: number, seconds: number, more: Members = {}): Members => ({
  id: `chatcmpl-${start}`,
  trace_id: 't',
  call_type: 'acompletion',
  cache_hit: null,
  stream: false,
  status: 'success',
  startTime: 1_700_000_000 + start,
  endTime: 1_700_000_000 + start + seconds,
  completionStartTime: 1_700_000_000 + start + seconds,
  model: 'gpt-4o',
  model_parameters: { temperature: 0.5 },
  messages: chat('hi'),
  response: { id: 'x', created: 1, choices: [{ message: { role: 'assistant', content: 'héllo' } }] },
  response_cost: 0.25,
  ...more,
})

const keysOf = async (...rows: unknown[]) => [...(await read(log(...rows), { format: 'litellm' })).keys]

/** JSON with members in order of their names: written anew, to hold the reader against. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical)}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1))
  return `{${entries.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`)}}`
}

describe('litellm', () => {
  it('reads key, time, cost and size from calls as LiteLLM logs them', async () => {
    const trace = await read(
      log(call(0, 1.5), call(2, 0.25, { messages: chat('other'), response: 'four' }), call(4, 1)),
    )
    expect(trace.source).toMatchObject({ format: 'litellm', rows: 3, badRows: 0 })
    expect(trace.keyNames!.nameOf(0)).toMatch(/^[0-9a-f]{32}$/)
    expect(contentOf(trace)).toEqual({
      length: 3,
      keyCount: 2,
      keys: [0, 1, 0],
      times: [0, 2, 4],
      sizes: [6, 4, 6],
      costs: [1500, 250, 1000],
      ops: undefined,
      ttls: undefined,
      groups: undefined,
    })
    expect(trace.source!.columns).toEqual({
      key: 'model + prompt + parameters',
      time: 'startTime',
      size: 'bytes of response',
      cost: 'endTime - startTime',
    })
    expect(trace.source!.notes.join('\n')).toMatch(/by the log itself, its calls cost \$0\.75/)
  })

  it('reads spend logs, whose times are dates and whose words are Python’s', async () => {
    const spend = (second: number, more: Members) => ({
      request_id: `r${second}`,
      call_type: 'acompletion',
      api_key: '88dc',
      spend: 0.5,
      startTime: `2025-01-02T03:04:0${second}.250000+00:00`,
      endTime: `2025-01-02T03:04:0${second}.750000+00:00`,
      model: 'm',
      cache_hit: 'None',
      messages: '{}',
      response: '{}',
      ...more,
    })
    const sent = (text: string, user: string) => JSON.stringify({ user, model: 'm', messages: chat(text) })
    const trace = await read(
      log(
        spend(1, { proxy_server_request: sent('a', 'ann') }),
        spend(2, {
          proxy_server_request: sent('a', 'bob'),
          cache_hit: 'True',
          endTime: '2025-01-02T03:04:02.25Z',
        }),
        spend(3, { proxy_server_request: { body: { model: 'm', messages: chat('b') } } }),
      ),
    )
    expect(contentOf(trace)).toMatchObject({ keys: [0, 0, 1], times: [0, 1, 2], costs: [500, 500, 500] })
    expect(trace.sizes).toBeUndefined()
    expect(trace.source!.notes.join('\n')).toMatch(/cost \$1\.50/)
  })

  it('reads requests as OpenAI takes them under a member, with columns guessed by name', async () => {
    const wrapped = (timestamp: string, text: string, latency_ms: number, more: Members = {}) => ({
      timestamp,
      request: { model: 'm', messages: chat(text), temperature: 0, size: '1024x1024' },
      latency_ms,
      cost: 0.01,
      ...more,
    })
    const trace = await read(
      log(
        wrapped('2025-01-02T03:04:05Z', 'a', 700),
        wrapped('2025-01-02T03:04:06Z', 'b', 800, { status: 500 }),
        wrapped('2025-01-02T03:04:07Z', 'a', 900),
      ),
    )
    expect(trace.source!.format).toBe('litellm')
    expect(contentOf(trace)).toMatchObject({
      keys: [0, 0],
      times: [0, 2],
      costs: [700, 900],
      sizes: undefined,
    })
    expect(trace.source!.notes.join('\n')).toMatch(/1 call failed and is left out/)
  })

  it('reads batch files, where the endpoint counts', async () => {
    const line = (custom_id: string, url: string, body: Members) => ({ custom_id, method: 'POST', url, body })
    const trace = await read(
      log(
        line('1', '/v1/embeddings', { model: 'm', input: 'x' }),
        line('2', '/v1/moderations', { model: 'm', input: 'x' }),
        line('3', '/v1/embeddings', { input: 'x', model: 'm', user: 'someone' }),
      ),
    )
    expect(trace.source!.format).toBe('litellm')
    expect(contentOf(trace)).toMatchObject({ keys: [0, 1, 0], times: undefined, costs: undefined })
  })

  it('tells requests by all that changes the answer, and by nothing else', async () => {
    const base = call(0, 1)
    const withParameters = (model_parameters: Members) => call(0, 1, { model_parameters })
    const same = [
      call(0, 2, { id: 'other', end_user: 'u', metadata: { a: 1 }, response: 'other', request_tags: ['x'] }),
      withParameters({ user: 'u', temperature: 0.5, stream: true, metadata: {}, api_key: 'k', top_p: null }),
      call(0, 1, { messages: [{ content: 'hi', role: 'user' }] }),
    ]
    const others = [
      call(0, 1, { model: 'gpt-4o-mini' }),
      call(0, 1, { messages: chat('hi ') }),
      call(0, 1, { messages: [...chat('hi'), ...chat('hi')] }),
      ...[
        { temperature: 0.6 },
        {},
        { temperature: 0.5, top_p: 1 },
        { temperature: 0.5, max_tokens: 7 },
        { temperature: 0.5, tools: [{ type: 'function', function: { name: 'f' } }] },
        { temperature: 0.5, response_format: { type: 'json_object' } },
        { temperature: 0.5, seed: 1 },
        { temperature: 0.5, an_unknown_parameter: 1 },
      ].map(withParameters),
    ]
    const keys = await keysOf(base, ...same, ...others)
    expect(keys.slice(0, same.length + 1)).toEqual([0, 0, 0, 0])
    expect(keys.slice(same.length + 1)).toEqual(others.map((_, at) => at + 1))
  })

  it('tells apart parameters by the oddest names', async () => {
    const odd = (value: number) =>
      JSON.stringify(call(0, 1)).replace('"temperature"', `"__proto__":{"a":${value}},"temperature"`)
    expect((await read([odd(1), odd(2), odd(1)].join('\n'))).keys).toEqual(Uint32Array.of(0, 1, 0))
  })

  it('tells apart seeds that a double cannot', async () => {
    const text = log(
      call(0, 1, { model_parameters: { seed: 's' } }),
      call(1, 1, { model_parameters: { seed: 't' } }),
    )
    const seeds = text.replace('"s"', '12345678901234567890').replace('"t"', '12345678901234567891')
    expect((await read(seeds)).keyCount).toBe(2)
  })

  it('gives a log of prompts the keys that canonical JSON and a Map give it', async () => {
    const random = createRandom(7, 'prompts')
    const pick = (count: number) => Math.floor(random() ** 3 * count)
    const rows = Array.from({ length: 3000 }, (_, at) => {
      const parameters: [string, unknown][] = [
        ['temperature', pick(3) / 2],
        [
          'tools',
          pick(2) ? [{ type: 'function', function: { name: 'é', parameters: { b: 1, a: {} } } }] : [],
        ],
      ]
      return call(at, 1, {
        model: `model-${pick(3)}`,
        messages: chat(`a prompt\nof ${pick(400)} "words" ü`),
        model_parameters: Object.fromEntries(at % 2 ? parameters : parameters.reverse()),
      })
    })
    const text = log(...rows)
    const ids = new Map<string, number>()
    const expected = text.split('\n').map((line) => {
      const { model, messages, model_parameters } = JSON.parse(line) as Members
      const key = canonical([model, messages, model_parameters])
      if (!ids.has(key)) ids.set(key, ids.size)
      return ids.get(key)
    })
    const trace = await read(text)
    expect([...trace.keys]).toEqual(expected)
    expect(ids.size).toBeGreaterThan(500)

    const plain = await read(text, {
      format: 'jsonl',
      key: ['model', 'messages', 'model_parameters'],
      keyHash: true,
    })
    expect([...plain.keys]).toEqual(expected)
  })

  it('sees the same requests however members are ordered, escaped and spaced', async () => {
    const request = fc.record({
      messages: fc.array(fc.jsonValue(), { minLength: 1 }),
      model_parameters: fc.dictionary(fc.string(), fc.jsonValue()),
    })
    const shuffled = (value: unknown): unknown =>
      Array.isArray(value)
        ? value.map(shuffled)
        : typeof value === 'object' && value !== null
          ? Object.fromEntries(
              Object.entries(value)
                .reverse()
                .map(([name, member]) => [name, shuffled(member)]),
            )
          : value
    const escaped = (json: string) =>
      json.replace(/[a-z\u0080-\uffff]/g, (letter) =>
        letter > 'z' ? `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}` : letter,
      )
    await fc.assert(
      fc.asyncProperty(fc.array(request, { minLength: 1, maxLength: 4 }), async (requests) => {
        const rows = requests.map((each, at) => call(at, 1, { ...each, messages: [...each.messages, 'x'] }))
        const one = await read(log(...rows), { format: 'litellm' })
        const other = rows.map((row) => escaped(JSON.stringify(shuffled(row), null, 1).replaceAll('\n', ' ')))
        expect(namesOf(await read(other.join('\n'), { format: 'litellm' }))).toEqual(namesOf(one))
      }),
    )
  })

  it('leaves failed calls out, and counts them', async () => {
    const trace = await read(
      log(call(0, 1), call(1, 9, { status: 'failure', response: null, error_str: 'no' }), call(2, 1)),
    )
    expect(contentOf(trace)).toMatchObject({ length: 2, times: [0, 2] })
    expect(trace.source).toMatchObject({ rows: 3, badRows: 0 })
    expect(trace.source!.notes.join('\n')).toMatch(/1 call failed and is left out/)
    const failures = log(call(1, 9, { status: 'failure' }), call(2, 9, { status: 'failure' }))
    await expect(read(failures)).rejects.toThrow(/has no requests: 2 calls failed and are left out/)
  })

  it('gives what a cache answered the cost of the same call computed before, else the mean', async () => {
    const hit = { cache_hit: true, endTime: 1_700_000_009.001, startTime: 1_700_000_009 }
    const trace = await read(
      log(
        call(0, 0.01, { cache_hit: true }),
        call(1, 2),
        call(2, 4, { messages: chat('b') }),
        call(9, 0, hit),
        call(9, 0, { ...hit, messages: chat('c') }),
        call(10, 6),
        call(11, 0.01, { cache_hit: true }),
      ),
    )
    expect([...trace.costs!]).toEqual([0, 2000, 4000, 2000, 3000, 6000, 6000])
    const notes = trace.source!.notes.join('\n')
    expect(notes).toMatch(/4 calls were answered by a cache: the cost is that of the last computed call/)
    expect(notes).toMatch(/1 call was answered by a cache before any was computed: cost 0/)
  })

  it('puts calls, which are logged as they end, in order of their start', async () => {
    const trace = await read(log(call(5, 1, { messages: chat('b') }), call(0, 9), call(6, 1)))
    expect(contentOf(trace)).toMatchObject({ keys: [0, 1, 0], times: [0, 5, 6], costs: [9000, 1000, 1000] })
    expect(trace.source!.notes.join('\n')).toMatch(/have been sorted/)
  })

  it('takes any member for a column, as jsonl does', async () => {
    const rows = log(
      call(0, 1, { model: 'a', usage: { total: 3 } }),
      call(1, 1, { model: 'b', usage: { total: 4 } }),
      call(2, 1, { model: 'a', usage: { total: 5 }, cache_hit: true }),
    )
    const trace = await read(rows, {
      key: ['model'],
      valueSize: 'usage.total',
      where: ['startTime<1700000002'],
    })
    expect(namesOf(trace)).toEqual(['a', 'b'])
    expect([...trace.sizes!]).toEqual([3, 4])
    expect(trace.source!.filteredRows).toBe(1)
    expect([...(await read(rows, { key: ['model'] })).costs!]).toEqual([1000, 1000, 1000])
    expect((await read(rows, { where: ['model=a'] })).length).toBe(2)
    expect((await read(rows, { cost: 'usage.total', costUnit: 's' })).costs![1]).toBe(4000)
    expect((await read(rows, { costUnit: 's' })).costs![1]).toBe(1000)
  })

  it('says how many calls have no response', async () => {
    const redacted = { choices: [{ message: { content: 'redacted-by-litellm' } }] }
    const trace = await read(
      log(call(0, 1), call(1, 1, { response: null }), call(2, 1, { response: redacted })),
    )
    expect([...trace.sizes!]).toEqual([6, 0, 0])
    expect(trace.source!.notes.join('\n')).toMatch(/2 calls have no response in the log: size 0/)
  })

  it.each<[string, Members, RegExp]>([
    [
      'a redacted prompt',
      { messages: chat('redacted-by-litellm') },
      /line 2: the prompt has been redacted.*--key/,
    ],
    ['no prompt', { messages: null }, /line 2: there is no prompt in this object.*it has: id,/],
    ['no end', { endTime: null }, /line 2: column 'endTime' has no time/],
    ['an end before the start', { endTime: 1_600_000_000 }, /line 2: the call ends before it starts/],
    ['no start', { startTime: 'soon' }, /line 2: time 'soon' of column 'startTime' is neither/],
  ])('names the line of a call with %s', async (_, more, message) => {
    await expect(read(log(call(0, 1), call(1, 1, more)))).rejects.toThrow(message)
    expect((await read(log(call(0, 1), call(1, 1, more)), { maxBadRows: 1 })).length).toBe(1)
  })

  it('takes a redacted log whose key is named', async () => {
    const redacted = (start: number, cache_key: string) =>
      call(start, 1, { messages: chat('redacted-by-litellm'), cache_key })
    const rows = log(redacted(0, 'x'), redacted(1, 'y'), redacted(2, 'x'))
    expect([...(await read(rows, { key: ['cache_key'] })).keys]).toEqual([0, 1, 0])
  })

  it('reads a log whose first call is longer than what detection sees', async () => {
    const trace = await read(log(call(0, 1, { messages: chat('x'.repeat(200_000)) }), call(1, 2)))
    expect(trace.source!.format).toBe('litellm')
    expect(contentOf(trace)).toMatchObject({ keys: [0, 1], costs: [1000, 2000], sizes: [6, 6] })
  })

  it('turns any damage into a sound trace or one clear error, the same however the stream is cut', () =>
    expectNoHarmOfDamage(
      log(call(0, 1), call(1, 2, { messages: chat('é') }), call(0, 1, { cache_hit: true })),
      { format: 'litellm' },
      300,
    ))
})

describe('formats of JSON lines', () => {
  it.each<[string, string]>([
    ['jsonl', log({ ts: 1, key: 'a' }, { ts: 2, key: 'b' })],
    ['jsonl', log({ prompt: 'a', model: 'm' }, { prompt: 'b', model: 'm' })],
    ['jsonl', log({ model: 'm', messages: chat('a'), key: 1 })],
    ['jsonl', log({ key: 1, hash_ids: 7, timestamp: 1 })],
    ['jsonl', log({ key: 1, startTime: 1, model: 'a car' })],
    ['jsonl', log({ key: 1, request: { method: 'GET', url: '/' } })],
    ['jsonl', log(call(0, 1, { key: 1 }), { key: 7, startTime: 1_700_000_001 })],
    ['mooncake', log({ timestamp: 0, input_length: 1, hash_ids: [1] })],
    ['litellm', log(call(0, 1))],
    ['litellm', log({ request: { model: 'm', input: 'x' } })],
    ['litellm', log({ custom_id: '1', body: { model: 'm', prompt: 'x' } })],
  ])('is %s: %s', async (format, text) => {
    expect((await read(text)).source!.format).toBe(format)
  })
})
