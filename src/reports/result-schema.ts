import { z } from 'zod'
import { InputError } from '../core/errors.ts'
import type { Result } from '../core/result.ts'
import { resultSchema } from '../core/result.ts'
import { RESULT_SCHEMA } from '../core/result-version.ts'
import { findDisagreements } from './consistency.ts'
import { clean } from './text.ts'

/**
 * Saved results: their JSON Schema, and reading them back. The one file of the reports that loads zod, so the registry
 * does not list it.
 */

/** The JSON Schema (draft 2020-12) of a result, as it is shipped. Fields it does not name are allowed. */
export function resultJsonSchema(): Record<string, unknown> {
  return {
    ...z.toJSONSchema(resultSchema, { io: 'input' }),
    title: `A result of cachesim (${RESULT_SCHEMA})`,
  }
}

/**
 * The result in `text`, exactly as it was saved: order of fields and fields unknown to this version stay.
 * @param fileName for messages
 * @throws InputError where it is not JSON, of another version of the schema, or not a valid result: where, and what was
 *   expected, or which of its figures contradict each other
 */
export function parseResult(text: string, fileName: string): Result {
  return checkResult(parseJson(text, fileName), fileName)
}

/**
 * The same value, seen to be a result.
 * @param name of it, for messages
 * @throws InputError where it is of another version of the schema, or not a valid result, as `parseResult`
 */
export function checkResult(value: unknown, name: string): Result {
  const schema = value !== null && typeof value === 'object' && 'schema' in value ? value.schema : undefined
  if (typeof schema !== 'string' || !schema.startsWith('cachesim/result/')) {
    throw new InputError(
      `'${name}' is not a result saved by cachesim: it must be JSON with "schema": "${RESULT_SCHEMA}"`,
    )
  }
  if (schema !== RESULT_SCHEMA) {
    throw new InputError(
      `'${name}' has schema '${clean(schema)}', but this version of cachesim reads '${RESULT_SCHEMA}' only`,
    )
  }
  const parsed = resultSchema.safeParse(value)
  if (!parsed.success) throw new InputError(describeIssues(parsed.error.issues, name))
  const result = value as Result
  const [disagreement, ...others] = findDisagreements(result)
  if (disagreement !== undefined) {
    const more = others.length > 0 ? ` (and ${others.length} more)` : ''
    throw new InputError(`'${name}' is not a valid result: ${clean(disagreement)}${more}`)
  }
  return result
}

function parseJson(text: string, fileName: string): unknown {
  if (text.trim() === '')
    throw new InputError(`'${fileName}' is empty: it must be a result saved with --json`)
  try {
    return JSON.parse(text.replace(/^\ufeff/, ''))
  } catch (error) {
    const reason = error instanceof Error ? clean(error.message) : 'it cannot be parsed'
    throw new InputError(`'${fileName}' is not a saved result, for it is not JSON: ${reason}`)
  }
}

function describeIssues(issues: readonly z.core.$ZodIssue[], fileName: string): string {
  const first = issues[0]!
  const path = first.path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '')
  const expected = first.message
    .replace(/^Invalid (input|option): /, '')
    .replace(/, received undefined$/, ', but it is missing')
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : ''
  return `'${fileName}' is not a valid result: at ${clean(path) || 'the top'}: ${expected}${more}`
}
