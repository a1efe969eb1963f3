# Completion of ftd_exporter for bash. The program itself says what can follow.
_ftd_exporter() {
    local cur=${COMP_WORDS[COMP_CWORD]} words=() i
    # Bash makes three words of --flag=value.
    for ((i = 1; i < COMP_CWORD; i++)); do
        [[ ${COMP_WORDS[i]} == = ]] || words+=("${COMP_WORDS[i]}")
    done
    [[ $cur != = ]] || cur=
    # The start of a command is kept back, or it would be taken for an argument
    # of the default command.
    [[ $cur != -* ]] || words+=("$cur")
    mapfile -t COMPREPLY < <(compgen -W "$("${COMP_WORDS[0]}" --completion-bash "${words[@]}")" -- "$cur")
}
complete -o bashdefault -o default -F _ftd_exporter ftd_exporter
