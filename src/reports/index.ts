import { Registry } from '../core/registry.ts'
import csv from './csv.ts'
import json from './json.ts'
import markdown from './markdown.ts'
import terminal from './terminal.ts'

/** The reports, by name. A new one is a file here and a line below. */
export const reports = new Registry('report', [terminal, csv, json, markdown])
