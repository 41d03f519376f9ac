# Completion of wirescene for fish. What there is to complete is read from --help, so that nothing is said twice.

# OPTION, VALUE, TEXT, separated by tabs, a line each; VALUE is as --help has it: FILE, N, auto|always|never, or nothing.
function __wirescene_options
    $argv --help 2>/dev/null | sed -n 's/^ \{2,6\}\(--\{0,1\}[a-z-]\{1,\}\) \{0,1\}\([^ ]*\) *\(.*\)/\1\t\2\t\3/p'
    printf '%s\n' --help\t\t'tells more'
end

function __wirescene_complete
    set -l before (commandline -opc)
    set -l current (commandline -ct)
    set -l program (string replace -r '^~' $HOME -- $before[1])
    if test (count $before) -eq 1
        $program --help 2>/dev/null | sed -n 's/^  \([a-z]\{1,\}\)  *\(.*\)/\1\t\2/p'
        printf '%s\n' --help --version
        return
    end
    set -l options (__wirescene_options $program $before[2])
    for line in $options
        set -l fields (string split \t -- $line)
        if test "$fields[1]" = "$before[-1]" -a -n "$fields[2]"
            if string match -q '*|*' -- $fields[2]
                string split '|' -- $fields[2]
            else if test $fields[2] = FILE
                __fish_complete_path $current
            end
            return
        end
    end
    if string match -q -- '-*' $current
        for line in $options
            set -l fields (string split \t -- $line)
            printf '%s\t%s\n' $fields[1] $fields[3]
        end
    else if test $before[2] = language
        $program language 2>/dev/null | sed -n 's/^  \([a-z]*[.:]\)\{0,1\}\([a-z_]*\)(.*/\2/p'
    else if test $before[2] != doctor
        __fish_complete_suffix .lua | string match -r '.*(?:\.lua|/)(?:\t.*)?$' # it offers all files, these first
    end
end

complete -c wirescene -f -a '(__wirescene_complete)'
