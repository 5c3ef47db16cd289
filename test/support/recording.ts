import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'

/**
 * What another program does with the rows of a table, recorded in `test/fixtures/<name>.json`: it is started for every
 * tenth row, and for rows that have changed since. EKS_GET_TOKEN_TEST_ROWS=all starts it for every row, `record` also
 * records what it does.
 */
export interface Recording<Answer extends object> {
  /** The rows that are recorded, by title; those of the table have the same hashes. */
  readonly hashes: Readonly<Record<string, string>>
  /** The recorded answer; undefined: the program must be started. */
  readonly answerTo: (row: RecordedRow) => Answer | undefined
  /** Notes what the program did, for {@link save}. */
  readonly note: (row: RecordedRow, answer: Answer) => void
  /** At the end of the tests: writes the file, if it is time to record. With `-t`, the rows that did not run stay as they were. */
  readonly save: (version: () => string, titles: readonly string[]) => void
}

export interface RecordedRow {
  readonly title: string
  /** In the table. */
  readonly index: number
  /** Of all that the program is given: {@link hashOf}. */
  readonly hash: string
}

interface Recorded<Answer> {
  /** The version of the program that did it. */
  readonly version: string
  readonly rows: Readonly<Record<string, Answer & { readonly row: string }>>
}

const MODE = process.env.EKS_GET_TOKEN_TEST_ROWS
/** Why a recording is not compared with its table; undefined: it is. */
export const IS_RECORDING = MODE === 'record' ? 'it is being recorded' : undefined
export const HOW_TO_RECORD = 'record it: EKS_GET_TOKEN_TEST_ROWS=record npx vitest run FILE'

/** Of so many rows, the first is not taken from the recording. */
const SAMPLE = 10

/** @param isEveryRowReal - also without EKS_GET_TOKEN_TEST_ROWS */
export function openRecording<Answer extends object>(name: string, isEveryRowReal = false): Recording<Answer> {
  const file = new URL(`../fixtures/${name}.json`, import.meta.url)
  const { rows } = JSON.parse(readFileSync(file, 'utf8')) as Recorded<Answer>
  const noted: (RecordedRow & { readonly answer: Answer })[] = []
  return {
    hashes: Object.fromEntries(Object.entries(rows).map(([title, { row }]) => [title, row])),
    answerTo: ({ title, index, hash }) => {
      const isSample = index % SAMPLE === 0
      const recorded = rows[title]
      if (MODE || isEveryRowReal || isSample || recorded?.row !== hash) return undefined
      const { row, ...answer } = recorded
      return answer as unknown as Answer
    },
    note: (row, answer) => noted.push({ ...row, answer }),
    save: (version, titles) => {
      if (IS_RECORDING === undefined || noted.length === 0) return
      const ran = new Map(noted.map(({ title, hash, answer }) => [title, { row: hash, ...answer }]))
      const lines = titles.flatMap((title) => {
        const row = ran.get(title) ?? rows[title]
        return row === undefined ? [] : [`    ${JSON.stringify(title)}: ${JSON.stringify(row)}`]
      })
      const text = `{\n  "version": ${JSON.stringify(version())},\n  "rows": {\n${lines.join(',\n')}\n  }\n}\n`
      writeFileSync(file, text)
    },
  }
}

export function hashOf(given: unknown): string {
  return createHash('sha256').update(JSON.stringify(given)).digest('hex').slice(0, 16)
}
