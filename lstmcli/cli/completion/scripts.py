"""The scripts by which bash, zsh and fish ask the program what to offer."""

BASH = r"""# Completion of lstmcli for bash: eval "$(lstmcli completion bash)"
_lstmcli_complete() {
    local program=${1/#\~\//$HOME/} line
    local -a found=()
    COMPREPLY=()
    while IFS= read -r line; do found+=("$line"); done < <(
        _LSTMCLI_COMPLETE=bash _LSTMCLI_LINE=${COMP_LINE:0:COMP_POINT} _LSTMCLI_BREAKS=$COMP_WORDBREAKS \
            "$program" 2>/dev/null </dev/null)
    [[ ${found[0]} == words ]] || return 0
    COMPREPLY=("${found[@]:1}")
    if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]]; then compopt -o nospace 2>/dev/null; fi
    return 0
}
complete -o bashdefault -o default -F _lstmcli_complete lstmcli
"""

ZSH = r"""#compdef lstmcli
# Completion of lstmcli for zsh: eval "$(lstmcli completion zsh)", behind compinit
_lstmcli() {
    local program=${words[1]/#\~\//$HOME/} line
    local -a found values shown closed closed_shown
    found=("${(@f)$(_LSTMCLI_COMPLETE=zsh \
        _LSTMCLI_LINE="${(j: :)words[1,CURRENT-1]} $QIPREFIX$PREFIX" "$program" 2>/dev/null </dev/null)}")
    if [[ $found[1] != words ]]; then
        [[ $PREFIX == --*=* ]] && compset -P '*='
        _files
        return
    fi
    for line in "${(@)found[2,-1]}"; do
        if [[ ${line%%$'\t'*} == *= ]]; then
            values+=("${line%%$'\t'*}") shown+=("${line/$'\t'/  }")
        else
            closed+=("${line%%$'\t'*}") closed_shown+=("${line/$'\t'/  }")
        fi
    done
    (( $#values )) && compadd -S '' -l -d shown -a values
    (( $#closed )) && compadd -l -d closed_shown -a closed
    (( $#values + $#closed ))
}
if (( ! $+functions[compdef] )); then autoload -Uz compinit && compinit -D; fi
compdef _lstmcli lstmcli
"""

FISH = r"""# Completion of lstmcli for fish: lstmcli completion fish | source
function __lstmcli_complete
    set -l words (commandline -po)
    set -l program (string replace -r '^~/' "$HOME/" -- $words[1])
    set -l line (commandline -cp | string collect)
    set -l found (env _LSTMCLI_COMPLETE=fish _LSTMCLI_LINE="$line" $program 2>/dev/null </dev/null)
    if test "$found[1]" = words
        printf '%s\n' $found[2..-1]
    else
        __fish_complete_path (commandline -ct)
    end
end
complete -c lstmcli -f -a '(__lstmcli_complete)'
"""

SCRIPTS = {"bash": BASH, "zsh": ZSH, "fish": FISH}
