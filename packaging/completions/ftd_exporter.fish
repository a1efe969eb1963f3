function __ftd_exporter_complete
    set -l words (commandline -opc) (commandline -ct)
    $words[1] --completion-bash $words[2..-1]
end
complete -c ftd_exporter -a '(__ftd_exporter_complete)'
