/** By the code of the YAML parser (`ErrorCode` of the package `yaml`). */
const PROBLEMS: Readonly<Record<string, string>> = {
  ALIAS_PROPS: 'an alias with an anchor or a tag',
  BAD_ALIAS: 'an invalid alias',
  BAD_COLLECTION_TYPE: 'a tag that does not match its value',
  BAD_DIRECTIVE: 'an invalid directive',
  BAD_DQ_ESCAPE: 'an invalid escape in a quoted string',
  BAD_INDENT: 'invalid indentation',
  BAD_PROP_ORDER: 'an anchor or a tag in the wrong place',
  BAD_SCALAR_START: 'a character that cannot begin a value; quote the value',
  BLOCK_AS_IMPLICIT_KEY: 'a mapping where a value was expected; check the indentation',
  BLOCK_IN_FLOW: 'a block collection inside brackets',
  KEY_OVER_1024_CHARS: 'a key that is too long',
  MISSING_CHAR: 'a missing character, such as a closing quote or bracket, or a space after a colon',
  MULTILINE_IMPLICIT_KEY: 'a key that extends over several lines; a colon may be missing',
  MULTIPLE_ANCHORS: 'two anchors on one value',
  MULTIPLE_DOCS: 'more than one document',
  MULTIPLE_TAGS: 'two tags on one value',
  RESOURCE_EXHAUSTION: 'too deeply nested',
  TAB_AS_INDENT: 'a tab as indentation',
  TAG_RESOLVE_FAILED: 'a tag that cannot be resolved',
  UNEXPECTED_TOKEN: 'an unexpected character',
}

/** Nothing from the text is quoted. */
export function yamlProblem(code: string): string {
  return PROBLEMS[code] ?? code
}
