# Completion of ftd_exporter for fish. The program itself says what can follow.
function __ftd_exporter_complete
    set -l words (commandline -opc)
    set -l program $words[1]
    set -e words[1]
    # The start of a command is kept back, or it would be taken for an argument
    # of the default command.
    string match -q -- '-*' (commandline -ct); and set -a words (commandline -ct)
    $program --completion-bash $words
end
complete -c ftd_exporter -a '(__ftd_exporter_complete)'
