// Command load sends requests at a fixed rate and counts who answered them how; it is also the small client that tests
// use inside a pod.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

const usage = `usage:
  load [flags] URL             send requests at a fixed rate until the duration or SIGTERM
  load probe URL [flags]       send a few, print the counts, fail if one of them failed
  load resolve NAME            look a name up
  load sleep                   do nothing until SIGTERM
See "load -h" and "load probe -h" for the flags.
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	err := dispatch(ctx, os.Args[1:], os.Stdout)
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
}

func dispatch(ctx context.Context, args []string, out io.Writer) error {
	if len(args) == 0 {
		fmt.Fprint(os.Stderr, usage)
		return errors.New("a URL or a command is missing")
	}
	switch args[0] {
	case "probe":
		return probe(ctx, args[1:], out)
	case "resolve":
		return resolve(ctx, args[1:], out)
	case "sleep":
		printJSON(out, map[string]string{"msg": "sleeping until SIGTERM"})
		<-ctx.Done()
		return nil
	}
	return generate(ctx, args, out)
}

// parseMixed takes flags before and after the one argument that is not a flag.
func parseMixed(flags *flag.FlagSet, args []string, what string) (string, error) {
	var found []string
	for {
		if err := flags.Parse(args); err != nil {
			return "", err
		}
		if flags.NArg() == 0 {
			break
		}
		found, args = append(found, flags.Arg(0)), flags.Args()[1:]
	}
	if len(found) != 1 {
		return "", fmt.Errorf("got %d arguments %q: want one, %s", len(found), found, what)
	}
	return found[0], nil
}

func newFlags(name, line string) *flag.FlagSet {
	flags := flag.NewFlagSet(name, flag.ContinueOnError)
	flags.Usage = func() {
		fmt.Fprintf(flags.Output(), "usage: %s\n", line)
		flags.PrintDefaults()
	}
	return flags
}

func printJSON(out io.Writer, value any) error {
	return json.NewEncoder(out).Encode(value)
}
