// Command simulator stands in for a system that is being rolled out: it answers HTTP, offers the metrics which that
// system's rollout plan names, and misbehaves on request.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"
)

const stopTimeout = 15 * time.Second

func main() {
	debug.SetGCPercent(40) // small rather than fast: many of these share one machine
	config, err := readConfig(os.Args[1:], os.Getenv)
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err == nil {
		err = run(config)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "simulator:", err)
		os.Exit(1)
	}
}

func run(config config) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()

	app, err := newApp(config)
	if err != nil {
		return err
	}
	listeners, err := listen(config)
	if err != nil {
		return err
	}
	servers := []*http.Server{
		{Handler: app, ReadHeaderTimeout: 10 * time.Second},
		{Handler: observeHandler(app), ReadHeaderTimeout: 10 * time.Second},
		{Handler: adminHandler(app), ReadHeaderTimeout: 10 * time.Second},
	}
	failed := make(chan error, len(servers))
	for i, server := range servers {
		go func() { failed <- server.Serve(listeners[i]) }()
	}
	announce(config, listeners)

	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
		return drain(config.drain, app, servers)
	}
}

// drain says "not ready" first and goes on serving for a while, since whoever balances the load learns late; then it
// lets the requests in flight end.
func drain(patience time.Duration, app *app, servers []*http.Server) error {
	app.draining.Store(true)
	if patience > 0 {
		<-time.After(patience)
	}
	ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
	defer cancel()
	for _, server := range servers {
		if err := server.Shutdown(ctx); err != nil {
			return fmt.Errorf("stopping with requests still in flight after %s: %w", stopTimeout, err)
		}
	}
	return nil
}

func listen(config config) ([]net.Listener, error) {
	var listeners []net.Listener
	for _, address := range []string{config.listen, config.metrics, config.admin} {
		listener, err := net.Listen("tcp", address)
		if err != nil {
			return nil, err
		}
		listeners = append(listeners, listener)
	}
	return listeners, nil
}

// announce prints one line, so that whoever asked for port 0 learns what it got.
func announce(config config, listeners []net.Listener) {
	json.NewEncoder(os.Stdout).Encode(map[string]string{
		"msg": "simulator listens", "system": config.system, "track": config.track, "version": config.version,
		"app": listeners[0].Addr().String(), "metrics": listeners[1].Addr().String(), "admin": listeners[2].Addr().String(),
	})
}
