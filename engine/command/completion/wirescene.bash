# Completion of wirescene for bash. What there is to complete is read from --help, so that nothing is said twice.

# OPTION VALUE, a line each; VALUE is as --help has it: FILE, N, auto|always|never, or nothing.
_wirescene_options() {
    "$1" "$2" --help 2>/dev/null | sed -n 's/^ \{2,6\}\(--\{0,1\}[a-z-]\{1,\}\) \{0,1\}\([^ ]*\).*/\1 \2/p'
    echo --help
}

_wirescene() {
    local program=${COMP_WORDS[0]/#\~/$HOME} command=${COMP_WORDS[1]} current=${COMP_WORDS[COMP_CWORD]}
    local previous=${COMP_WORDS[COMP_CWORD - 1]} options value
    COMPREPLY=()
    if ((COMP_CWORD == 1)); then
        options=$("$program" --help 2>/dev/null | sed -n 's/^  \([a-z]\{1,\}\) .*/\1/p')
        mapfile -t COMPREPLY < <(compgen -W "$options --help --version" -- "$current")
        return
    fi
    options=$(_wirescene_options "$program" "$command")
    value=$(awk -v option="$previous" '$1 == option { print $2 }' <<<"$options")
    case $value in
    *'|'*) mapfile -t COMPREPLY < <(compgen -W "${value//|/ }" -- "$current") ;;
    FILE)
        compopt -o filenames 2>/dev/null
        mapfile -t COMPREPLY < <(compgen -f -- "$current")
        ;;
    ?*) ;; # a number, a name: nothing to offer
    *)
        if [[ $current == -* ]]; then
            mapfile -t COMPREPLY < <(compgen -W "$(awk '{ print $1 }' <<<"$options")" -- "$current")
        elif [[ $command == language ]]; then
            options=$("$program" language 2>/dev/null | sed -n 's/^  \([a-z]*[.:]\)\{0,1\}\([a-z_]*\)(.*/\2/p')
            mapfile -t COMPREPLY < <(compgen -W "$options" -- "$current" | sort -u)
        elif [[ $command != doctor ]]; then
            compopt -o filenames 2>/dev/null
            mapfile -t COMPREPLY < <(compgen -f -X '!*.lua' -- "$current"; compgen -d -- "$current")
        fi
        ;;
    esac
}

complete -F _wirescene wirescene
