import { isObject, type JsonObject, textOf } from './json-value.ts'

/** Members that hold what a model is asked: chats, completions, embeddings and responses. */
const PROMPTS = ['messages', 'prompt', 'input', 'contents'] as const

/**
 * Parameters that do not change the answer: who asks, how it is sent and paid for, what happens on errors, how it is
 * logged. All others count, those unknown here too: two requests taken for one would be a hit that does not happen.
 */
const WITHOUT_EFFECT = new Set([
  ...['user', 'end_user', 'safety_identifier', 'metadata', 'litellm_metadata', 'tags', 'store'],
  ...['stream', 'stream_options', 'service_tier', 'background', 'prompt_cache_key', 'prompt_cache_retention'],
  ...['api_key', 'api_base', 'base_url', 'api_version', 'organization', 'headers', 'extra_headers'],
  ...['timeout', 'request_timeout', 'stream_timeout', 'num_retries', 'max_retries', 'fallbacks'],
  ...['cache', 'caching', 'ttl', 'litellm_call_id', 'litellm_trace_id', 'litellm_session_id'],
  ...['proxy_server_request', 'secret_fields', 'no-log', 'mock_response'],
])

/** Parameters that stand among the members of a log entry itself, where no member holds them all. */
const PARAMETERS = [
  ...[
    'system',
    'instructions',
    'temperature',
    'top_p',
    'top_k',
    'min_p',
    'n',
    'best_of',
    'seed',
    'stop',
    'suffix',
  ],
  ...['max_tokens', 'max_completion_tokens', 'max_output_tokens', 'presence_penalty', 'frequency_penalty'],
  ...[
    'logit_bias',
    'logprobs',
    'top_logprobs',
    'echo',
    'tools',
    'tool_choice',
    'parallel_tool_calls',
    'functions',
  ],
  ...['function_call', 'response_format', 'text', 'reasoning', 'reasoning_effort', 'thinking', 'verbosity'],
  ...['modalities', 'audio', 'prediction', 'web_search_options', 'dimensions', 'encoding_format'],
  ...['previous_response_id', 'truncation', 'quality', 'size', 'style', 'voice', 'extra_body'],
]

/** Stands in logs for what was not to be logged. */
const REDACTED = 'redacted-by-litellm'

/** Is there a prompt among the members of a request? */
export function hasPrompt(request: JsonObject): boolean {
  return PROMPTS.some((name) => !isEmpty(request[name]))
}

function isEmpty(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length === 0
  return value === undefined || value === null || value === '' || value === '{}' || value === '[]'
}

/**
 * What decides the answer of a logged call: model, prompt and parameters, however the log wraps them. Parameters that
 * are null count as not given. Undefined where the log has no prompt.
 */
export function requestOf(row: JsonObject): JsonObject | undefined {
  const { body, request, model, model_parameters: parameters } = row
  if (isObject(body) && hasPrompt(body)) return withEffect({ ...body, url: row.url })
  if (isObject(request) && hasPrompt(request)) return withEffect(request)
  if (hasPrompt(row)) {
    const given = isObject(parameters) ? parameters : pick(row, PARAMETERS)
    return withEffect({ ...given, ...pick(row, PROMPTS), model })
  }
  // LiteLLM's spend logs keep the request as it came to the proxy, as an object or its text.
  const sent = parsed(row.proxy_server_request)
  if (!isObject(sent)) return undefined
  const inner = isObject(sent.body) ? sent.body : sent
  return hasPrompt(inner) ? withEffect({ ...inner, model: inner.model ?? model }) : undefined
}

function parsed(value: unknown): unknown {
  if (typeof value !== 'string') return value
  try {
    return JSON.parse(value)
  } catch {
    return undefined
  }
}

function pick(row: JsonObject, names: readonly string[]): JsonObject {
  const picked: Record<string, unknown> = {}
  for (const name of names) if (row[name] !== undefined) picked[name] = row[name]
  return picked
}

function withEffect(request: JsonObject): JsonObject {
  // Without a prototype, so that a member of any name is one.
  const counted = Object.create(null) as Record<string, unknown>
  for (const name of Object.keys(request)) {
    const value = request[name]
    if (value !== undefined && value !== null && !WITHOUT_EFFECT.has(name)) counted[name] = value
  }
  return counted
}

/** Was the prompt taken out of the log? All requests would then look the same. */
export function isRedacted(request: JsonObject): boolean {
  return PROMPTS.some((name) => {
    const prompt = request[name]
    if (prompt === REDACTED) return true
    return Array.isArray(prompt) && prompt.some((item) => isObject(item) && item.content === REDACTED)
  })
}

/** Did the call fail? There is no answer then that a cache could keep. */
export function isFailed({ status, error, error_str: message }: JsonObject): boolean {
  const word = textOf(typeof status === 'object' ? undefined : status).toLowerCase()
  if (/^(failure|failed|error|[45]\d\d)$/.test(word)) return true
  return word === '' && (!isEmpty(error) || !isEmpty(message)) && error !== false
}

/** Was the call answered by a cache? Spend logs say so in words. */
export function isCacheHit({ cache_hit: hit }: JsonObject): boolean {
  return hit === true || (typeof hit === 'string' && hit.toLowerCase() === 'true')
}

/** Dollars that the log says the call cost; 0 where it says nothing. */
export function spentOn({ response_cost: cost, spend }: JsonObject): number {
  const dollars = cost ?? spend
  return typeof dollars === 'number' && Number.isFinite(dollars) ? dollars : 0
}

/** Bytes of what the model said, or of the whole answer where it is no text; undefined where the log has none. */
export function bytesOfResponse(response: unknown): number | undefined {
  if (isEmpty(response)) return undefined
  if (!isObject(response)) return textBytes(response)
  const { body, choices } = response
  if (isObject(body)) return bytesOfResponse(body)
  if (!Array.isArray(choices)) return response.text === REDACTED ? undefined : textBytes(response)
  const sizes = choices.map((choice: unknown) => {
    const { message, text } = isObject(choice) ? choice : { message: choice }
    return textBytes(isObject(message) ? (message.content ?? message) : (text ?? message))
  })
  return sizes.includes(undefined) ? undefined : sizes.reduce((sum: number, size) => sum + size!, 0)
}

function textBytes(value: unknown): number | undefined {
  const text = typeof value === 'string' ? value : JSON.stringify(value ?? '')
  return text === REDACTED ? undefined : Buffer.byteLength(text)
}
