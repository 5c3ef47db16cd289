/**
 * The completion scripts: each requests the candidates from the program, so that all shells complete alike. A candidate is a
 * line: the word, a tab, its description. Without a candidate the shell completes file names.
 *
 * No value of a file is evaluated: the words go to the program as arguments, and what it prints is data.
 */
export const SCRIPTS = {
  // Bash splits words at = and :, and compares only what follows the last of them.
  // https://www.gnu.org/software/bash/manual/html_node/Bash-Variables.html#index-COMP_005fWORDBREAKS
  bash: `# bash completion for eks-get-token
#   eval "$(eks-get-token completion bash)"
_eks_get_token() {
  local rest=$COMP_LINE word index candidate typed
  local -a words=()
  for ((index = 0; index <= COMP_CWORD; index++)); do
    word=\${COMP_WORDS[index]}
    if ((index > 0)) && [[ $rest == "$word"* && $rest != [[:space:]]* && -n $word ]]; then
      words[\${#words[@]}-1]+=$word
    else
      words+=("$word")
    fi
    rest=\${rest#"\${rest%%[![:space:]]*}"}
    rest=\${rest#"$word"}
  done
  typed=\${words[\${#words[@]}-1]}
  COMPREPLY=()
  while IFS=$'\\t' read -r candidate _; do
    [[ $COMP_WORDBREAKS == *=* && $typed == *=* ]] && candidate=\${candidate#"\${typed%"\${typed##*=}"}"}
    [[ $COMP_WORDBREAKS == *:* && $typed == *:* ]] && candidate=\${candidate#"\${typed%"\${typed##*:}"}"}
    COMPREPLY+=("$(printf '%q' "$candidate")")
  done < <(command eks-get-token completion candidates -- "\${words[@]:1}" 2>/dev/null </dev/null)
}
complete -o default -F _eks_get_token eks-get-token
`,
  zsh: `#compdef eks-get-token
# zsh completion for eks-get-token: save as _eks-get-token in a directory of $fpath, or
#   source <(eks-get-token completion zsh)
_eks_get_token() {
  local -a lines values shown
  local line
  lines=("\${(@f)$(command eks-get-token completion candidates -- "\${(@Q)words[2,CURRENT]}" 2>/dev/null </dev/null)}")
  for line in $lines; do
    [[ -z $line ]] && continue
    values+=("\${line%%$'\\t'*}")
    if [[ $line == *$'\\t'?* ]]; then
      shown+=("\${line%%$'\\t'*}  -- \${line#*$'\\t'}")
    else
      shown+=("$line")
    fi
  done
  if ((\${#values})); then
    compadd -l -d shown -a -- values
  else
    _files
  fi
}
if [[ $funcstack[1] == _eks_get_token ]]; then
  _eks_get_token "$@"
else
  (( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
  compdef _eks_get_token eks-get-token
fi
`,
  fish: `# fish completion for eks-get-token
#   eks-get-token completion fish | source
function __eks_get_token_candidates
    set -l words (commandline -opc)[2..-1] (commandline -ct)
    set -l lines (command eks-get-token completion candidates -- $words 2>/dev/null </dev/null)
    if test (count $lines) -gt 0
        printf '%s\\n' $lines
    else
        __fish_complete_path (commandline -ct)
    end
end
complete -c eks-get-token -f -a '(__eks_get_token_candidates)'
`,
  powershell: `# PowerShell completion for eks-get-token
#   eks-get-token completion powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName eks-get-token -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @($commandAst.CommandElements | Select-Object -Skip 1 |
        Where-Object { $_.Extent.StartOffset -lt $cursorPosition } |
        ForEach-Object { if ($_ -is [System.Management.Automation.Language.StringConstantExpressionAst]) { $_.Value } else { $_.Extent.Text } })
    if ($wordToComplete -eq '') { $words += '' }
    eks-get-token completion candidates '--' @words 2>$null | ForEach-Object {
        $value, $description = $_ -split "\`t", 2
        if (-not $description) { $description = $value }
        $text = if ($value -match "[\\s']") { "'" + $value.Replace("'", "''") + "'" } else { $value }
        [System.Management.Automation.CompletionResult]::new($text, $value, 'ParameterValue', $description)
    }
}
`,
} as const satisfies Record<string, string>

export type Shell = keyof typeof SCRIPTS
