package main

import (
	"context"
	"io"
	"math/rand/v2"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// generate runs an open loop: when a request is due depends on the clock alone, and its time counts from then, so a
// target that stalls can't hide it by slowing the client down.
func generate(ctx context.Context, args []string, out io.Writer) error {
	options, err := parseOptions(args)
	if err != nil {
		return err
	}
	stats := newStats(options.users)
	if options.listen != "" {
		stop, err := serveStats(options.listen, stats)
		if err != nil {
			return err
		}
		defer stop()
	}
	stopProgress := func() {}
	if options.progress {
		stopProgress = reportEverySecond(out, stats)
	}
	if generator := newGenerator(options, stats); options.count > 0 {
		generator.runAll(ctx)
	} else {
		generator.run(ctx)
	}
	stopProgress()
	return printJSON(out, stats.report())
}

type generator struct {
	options options
	client  *client
	stats   *stats
	draw    func() int
	waiting chan struct{} // a place for every request in flight
}

func newGenerator(options options, stats *stats) *generator {
	return &generator{
		options: options,
		client:  newClient(options),
		stats:   stats,
		draw:    newDraw(options),
		waiting: make(chan struct{}, options.maxInFlight),
	}
}

// run returns when the last request was answered or given up.
func (g *generator) run(ctx context.Context) {
	defer g.client.close()
	var inFlight sync.WaitGroup
	defer inFlight.Wait()
	started := time.Now()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for i := 0; ctx.Err() == nil; i++ {
		due := started.Add(time.Duration(float64(i) / g.options.rate * float64(time.Second)))
		if g.options.duration > 0 && due.Sub(started) >= g.options.duration {
			return // so their number is rate times duration, however the timers fall
		}
		timer.Reset(time.Until(due))
		select {
		case <-timer.C:
		case <-ctx.Done():
			return
		}
		g.send(due, &inFlight)
	}
}

// runAll is a closed loop: it asks no more of the target than that can do, so a busy machine makes it slower, nothing else.
func (g *generator) runAll(ctx context.Context) {
	defer g.client.close()
	var left atomic.Int64
	left.Store(int64(g.options.count))
	var senders sync.WaitGroup
	for range g.options.connections {
		senders.Add(1)
		go func() {
			defer senders.Done()
			for left.Add(-1) >= 0 && ctx.Err() == nil {
				started := time.Now()
				result := g.client.request("")
				result.user, result.took = -1, time.Since(started)
				g.stats.record(result)
			}
		}()
	}
	senders.Wait()
}

func (g *generator) send(due time.Time, inFlight *sync.WaitGroup) {
	user := g.draw()
	select {
	case g.waiting <- struct{}{}:
	default:
		g.stats.record(outcome{problem: "overload", user: user, took: time.Since(due)})
		return
	}
	inFlight.Add(1)
	go func() {
		defer inFlight.Done()
		result := g.client.request(userID(user))
		result.user, result.took = user, time.Since(due)
		g.stats.record(result)
		<-g.waiting
	}()
}

// newDraw draws the number of the next request's user, -1 when there are none.
func newDraw(options options) func() int {
	random := rand.New(rand.NewPCG(options.seed, 2))
	switch {
	case options.users == 0:
		return func() int { return -1 }
	case options.zipf:
		zipf := rand.NewZipf(random, 1.1, 1, uint64(options.users-1))
		return func() int { return int(zipf.Uint64()) }
	default:
		return func() int { return random.IntN(options.users) }
	}
}

func userID(user int) string {
	if user < 0 {
		return ""
	}
	return "user-" + strconv.Itoa(user)
}

// reportEverySecond prints what happened in each second; the returned function ends that.
func reportEverySecond(out io.Writer, stats *stats) func() {
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		ticker := time.NewTicker(time.Second)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				printJSON(out, stats.takeWindow())
			case <-stop:
				return
			}
		}
	}()
	return func() { close(stop); <-done }
}
