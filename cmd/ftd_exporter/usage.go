package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/alecthomas/kingpin/v2"

	"github.com/ftd-exporter/ftd_exporter/exporter/config"
)

// usageError returns an error of kingpin about args in words that name the flag that
// is wrong, or what was probably meant.
func usageError(args []string, err error) error {
	app, _ := commandLine()
	quiet(app)
	context, _ := app.ParseContext(args) // As far as it can be parsed.
	text := err.Error()
	if flag, ok := strings.CutPrefix(text, "unknown long flag '--"); ok {
		return unknownFlag(app, context, strings.TrimSuffix(flag, "'"))
	}
	if word, ok := strings.CutPrefix(text, "unexpected "); ok {
		return unexpectedWord(app, args, strings.Trim(word, "'"))
	}
	if word, ok := strings.CutPrefix(text, "expected command but got "); ok {
		return unknownCommand(strings.Trim(word, `"`), subcommands(app, args), parentOf(args)+" ")
	}
	if strings.HasPrefix(text, "must select a subcommand") {
		return fmt.Errorf("%s needs one of the commands %s", parentOf(args), strings.Join(names(subcommands(app, args)), ", "))
	}
	if flag := wrongFlag(args, err); flag != "" {
		return fmt.Errorf("%s: %s", flag, valueRemedy(text))
	}
	return err
}

// quiet keeps a parser from printing or ending the program.
func quiet(app *kingpin.Application) {
	app.UsageWriter(io.Discard).ErrorWriter(io.Discard).Terminate(func(int) {})
}

// unknownFlag is about a flag that its command does not have.
func unknownFlag(app *kingpin.Application, context *kingpin.ParseContext, flag string) error {
	var command *kingpin.CmdModel
	for _, c := range app.Model().FlattenedCommands() {
		if c.Default && command == nil || context != nil && context.SelectedCommand != nil && c.FullCommand == context.SelectedCommand.FullCommand() {
			command = c
		}
	}
	if command == nil {
		return fmt.Errorf("unknown flag --%s", flag)
	}
	known := []string{"help", "version"}
	for _, f := range command.Flags {
		if !f.Hidden {
			known = append(known, f.Name)
		}
	}
	return fmt.Errorf("unknown flag --%s of %s%s", flag, command.FullCommand, didYouMean("--", flag, known))
}

// unknownCommand is about a word in place of one of some commands, which follow the
// prefix.
func unknownCommand(word string, commands *kingpin.CmdGroupModel, prefix string) error {
	known := names(commands)
	for i := range known {
		known[i] = prefix + known[i]
	}
	return fmt.Errorf("unknown command %s%s%s", prefix, word, didYouMean("", prefix+word, known))
}

// unexpectedWord is about a word that is neither a command nor an argument.
func unexpectedWord(app *kingpin.Application, args []string, word string) error {
	for _, arg := range args {
		if flag, value, ok := strings.Cut(arg, "="); ok && value == word && strings.HasPrefix(flag, "--") {
			return fmt.Errorf("%s does not have a value; write %s or leave it out", flag, flag)
		}
	}
	if command := parentOf(args); command != word && slices.Contains(names(app.Model().CmdGroupModel), command) {
		return fmt.Errorf("unexpected argument %s of %s", word, command)
	}
	return unknownCommand(word, app.Model().CmdGroupModel, "")
}

// names returns the names of commands.
func names(commands *kingpin.CmdGroupModel) (all []string) {
	for _, c := range commands.Commands {
		all = append(all, c.Name)
	}
	return all
}

// parentOf returns the first of args that is not a flag.
func parentOf(args []string) string {
	for _, arg := range args {
		if !strings.HasPrefix(arg, "-") {
			return arg
		}
	}
	return ""
}

// subcommands returns the commands below that of args.
func subcommands(app *kingpin.Application, args []string) *kingpin.CmdGroupModel {
	for _, c := range app.Model().Commands {
		if c.Name == parentOf(args) {
			return c.CmdGroupModel
		}
	}
	return app.Model().CmdGroupModel
}

// didYouMean returns the word that was probably meant, as the end of a message: a
// similar one, or the only ones that begin or end with it.
func didYouMean(prefix, word string, known []string) string {
	if nearest, ok := config.Nearest(word, known); ok {
		return "; did you mean " + prefix + nearest + "?"
	}
	var all []string
	for _, k := range known {
		if strings.HasPrefix(k, word) || strings.HasSuffix(k, word) {
			all = append(all, prefix+k)
		}
	}
	if len(all) == 0 || len(all) > 3 {
		return ""
	}
	return "; did you mean " + strings.Join(all, " or ") + "?"
}

// wrongFlag returns the flag in args, with its value, that alone makes the same
// error, or "".
func wrongFlag(args []string, err error) string {
	command := ""
	for _, arg := range args {
		if !strings.HasPrefix(arg, "-") {
			command = arg
			break
		}
	}
	for i, arg := range args {
		if !strings.HasPrefix(arg, "--") {
			continue
		}
		alone := []string{arg}
		if !strings.Contains(arg, "=") && i+1 < len(args) {
			alone = append(alone, args[i+1])
		}
		all := alone
		if command != "" && command != alone[len(alone)-1] {
			all = append([]string{command}, alone...)
		}
		app, _ := commandLine()
		quiet(app)
		if _, got := app.Parse(all); got != nil && got.Error() == err.Error() {
			return strings.Join(alone, "=")
		}
	}
	return ""
}

// valueRemedy returns what is wrong with the value of a flag, without the names of
// Go's functions.
func valueRemedy(text string) string {
	if _, words, ok := strings.Cut(text, "enum value must be one of "); ok {
		words, _, _ = strings.Cut(words, ", got ")
		return "write one of " + strings.ReplaceAll(words, ",", ", ")
	}
	switch {
	case strings.HasPrefix(text, "strconv."):
		return "is not a number"
	case strings.HasPrefix(text, "time: "):
		return "is not a duration; write for example 15m or 1h30m"
	}
	return text
}
