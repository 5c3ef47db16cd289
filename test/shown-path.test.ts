import { expect, test } from 'vitest'
import { shownPath, withNativeSeparators } from '../src/shown-path.ts'

test.each([
  ['C:\\Users\\me/.aws/config', 'C:\\Users\\me\\.aws\\config'],
  ['c:\\Users\\two words/.aws/sso/cache/a.json', 'c:\\Users\\two words\\.aws\\sso\\cache\\a.json'],
  ['\\\\server\\share/.aws/config', '\\\\server\\share\\.aws\\config'],
  ['\\Users\\me/.aws/config', '\\Users\\me\\.aws\\config'],
  ['/home/me/.aws/config', '/home/me/.aws/config'],
  ['/home/me/a\\b/config', '/home/me/a\\b/config'],
  ['~/.aws/config', '~/.aws/config'],
  ['C:/Users/me/.aws/config', 'C:/Users/me/.aws/config'],
])('%s is shown with one kind of separators', (path, shown) => {
  expect([shownPath(path), withNativeSeparators(path)]).toEqual([shown, shown])
})
