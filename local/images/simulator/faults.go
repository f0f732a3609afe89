package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"time"
)

// faultSpec is what POST /faults takes: all faults there are from then on, those not named are off.
type faultSpec struct {
	Errors    *errorFault               `json:"errors,omitempty"`
	Latency   *latencyFault             `json:"latency,omitempty"`
	Hang      *ratioFault               `json:"hang,omitempty"`
	WrongData *ratioFault               `json:"wrongData,omitempty"`
	Memory    *memoryFault              `json:"memory,omitempty"`
	Crash     *crashFault               `json:"crash,omitempty"`
	Health    *healthFault              `json:"health,omitempty"`
	Metrics   map[string]metricOverride `json:"metrics,omitempty"`
}

type errorFault struct {
	Ratio float64 `json:"ratio"`
	Code  int     `json:"code,omitempty"`
}

// latencyFault delays a share of the requests; without a share all of them.
type latencyFault struct {
	FixedMs  float64  `json:"fixedMs,omitempty"`
	JitterMs float64  `json:"jitterMs,omitempty"`
	Ratio    *float64 `json:"ratio,omitempty"`
}

type ratioFault struct {
	Ratio float64 `json:"ratio"`
}

type memoryFault struct {
	MbPerSecond float64 `json:"mbPerSecond"`
	LimitMb     float64 `json:"limitMb"`
}

// crashFault ends the process; without a number of requests at once.
type crashFault struct {
	ExitCode      int `json:"exitCode"`
	AfterRequests int `json:"afterRequests,omitempty"`
}

// healthFault names probes that are to answer with this; true is what they answer anyway.
type healthFault struct {
	Live  *bool `json:"live,omitempty"`
	Ready *bool `json:"ready,omitempty"`
}

type metricOverride struct {
	Set    *float64 `json:"set,omitempty"`
	Freeze bool     `json:"freeze,omitempty"`
	Drop   bool     `json:"drop,omitempty"`
}

// faults holds what is wrong right now.
type faults struct {
	registry *registry
	exit     func(code int)

	mutex  sync.Mutex
	random *rand.Rand
	spec   faultSpec
	served int           // requests since the crash fault was set
	lifted chan struct{} // closed when the faults change
	memory memoryGrowth
}

func newFaults(seed uint64, registry *registry) *faults {
	return &faults{registry: registry, exit: os.Exit, random: rand.New(rand.NewPCG(seed, 1)), lifted: make(chan struct{})}
}

// apply replaces all faults by those of the document; nothing changes when it is refused.
func (f *faults) apply(document []byte) error {
	spec, err := f.parse(document)
	if err != nil {
		return err
	}
	f.replace(spec)
	return nil
}

func (f *faults) replace(spec faultSpec) {
	f.mutex.Lock()
	f.spec = spec
	f.served = 0
	close(f.lifted) // what hangs goes on
	f.lifted = make(chan struct{})
	f.memory.set(spec.Memory)
	f.mutex.Unlock()
	f.registry.override(spec.Metrics) // collects metrics that ask for the faults
}

func (f *faults) current() faultSpec {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return f.spec
}

// parse refuses whatever it doesn't know, so that a misspelt fault can't pass for a system that withstands it.
func (f *faults) parse(document []byte) (faultSpec, error) {
	var spec faultSpec
	if len(bytes.TrimSpace(document)) == 0 {
		return spec, nil
	}
	decoder := json.NewDecoder(bytes.NewReader(document))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&spec); err != nil {
		return spec, explain(err)
	}
	if _, err := decoder.Token(); err != io.EOF {
		return spec, errors.New("faults: more follows after the JSON object")
	}
	return spec, f.validate(spec)
}

const shape = `errors{ratio,code} latency{fixedMs,jitterMs,ratio} hang{ratio} wrongData{ratio} memory{mbPerSecond,limitMb} ` +
	`crash{exitCode,afterRequests} health{live,ready} metrics{NAME{set|freeze|drop}}`

func explain(err error) error {
	var mismatch *json.UnmarshalTypeError
	if errors.As(err, &mismatch) {
		return fmt.Errorf("faults: %s can't be a %s; allowed: %s", mismatch.Field, mismatch.Value, shape)
	}
	return fmt.Errorf("faults: %s; allowed: %s", strings.TrimPrefix(err.Error(), "json: "), shape)
}

func (f *faults) validate(spec faultSpec) error {
	var problems []string
	check := func(ok bool, format string, args ...any) {
		if !ok {
			problems = append(problems, fmt.Sprintf(format, args...))
		}
	}
	ratio := func(name string, value float64) {
		check(value >= 0 && value <= 1, "%s.ratio: %v is not from 0 to 1", name, value)
	}
	if e := spec.Errors; e != nil {
		ratio("errors", e.Ratio)
		check(e.Code == 0 || e.Code >= 400 && e.Code <= 599, "errors.code: %d is not from 400 to 599", e.Code)
	}
	if l := spec.Latency; l != nil {
		check(l.FixedMs >= 0 && l.JitterMs >= 0, "latency: fixedMs and jitterMs can't be negative")
		check(l.FixedMs+l.JitterMs > 0, "latency: fixedMs or jitterMs is needed")
		if l.Ratio != nil {
			ratio("latency", *l.Ratio)
		}
	}
	if spec.Hang != nil {
		ratio("hang", spec.Hang.Ratio)
	}
	if spec.WrongData != nil {
		ratio("wrongData", spec.WrongData.Ratio)
	}
	if m := spec.Memory; m != nil {
		check(m.MbPerSecond > 0 && m.LimitMb > 0, "memory: mbPerSecond and limitMb must both be more than 0")
	}
	if c := spec.Crash; c != nil {
		check(c.ExitCode >= 0 && c.ExitCode <= 255, "crash.exitCode: %d is not from 0 to 255", c.ExitCode)
		check(c.AfterRequests >= 0, "crash.afterRequests: %d is negative", c.AfterRequests)
	}
	for name, override := range spec.Metrics {
		kind := f.registry.kindOf(name)
		check(kind != "", "metrics.%s: there is no such metric", name)
		check(override.count() == 1, "metrics.%s: one of set, freeze, drop is needed", name)
		check(override.Set == nil || kind != "histogram", "metrics.%s: a histogram can't be set, only frozen or dropped", name)
	}
	slices.Sort(problems)
	if len(problems) > 0 {
		return errors.New("faults: " + strings.Join(problems, "; "))
	}
	return nil
}

func (o metricOverride) count() int {
	n := 0
	for _, given := range []bool{o.Set != nil, o.Freeze, o.Drop} {
		if given {
			n++
		}
	}
	return n
}

// health is what the probes answer.
func (f *faults) health() struct{ Live, Ready bool } {
	spec := f.current()
	health := struct{ Live, Ready bool }{true, true}
	if h := spec.Health; h != nil {
		health.Live = h.Live == nil || *h.Live
		health.Ready = h.Ready == nil || *h.Ready
	}
	return health
}

// misfortune is what befalls one request.
type misfortune struct {
	latency   time.Duration
	hang      <-chan struct{}
	wrong     bool
	errorCode int
	crash     func()
}

// plan draws what befalls the next request.
func (f *faults) plan() misfortune {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	var m misfortune
	hit := func(ratio float64) bool { return ratio > 0 && f.random.Float64() < ratio }
	if e := f.spec.Errors; e != nil && hit(e.Ratio) {
		m.errorCode = e.Code
		if m.errorCode == 0 {
			m.errorCode = 500
		}
	}
	if l := f.spec.Latency; l != nil && (l.Ratio == nil || hit(*l.Ratio)) {
		m.latency = time.Duration((l.FixedMs + l.JitterMs*f.random.Float64()) * float64(time.Millisecond))
	}
	if h := f.spec.Hang; h != nil && hit(h.Ratio) {
		m.hang = f.lifted
	}
	if w := f.spec.WrongData; w != nil {
		m.wrong = hit(w.Ratio)
	}
	if c := f.spec.Crash; c != nil && c.AfterRequests > 0 {
		f.served++
		if f.served == c.AfterRequests {
			m.crash = func() { f.exit(c.ExitCode) }
		}
	}
	return m
}

// wait lets the request suffer its latency and hang; false when the caller went away meanwhile.
func (m misfortune) wait(ctx context.Context) bool {
	if m.latency > 0 {
		timer := time.NewTimer(m.latency)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
			return false
		}
	}
	if m.hang != nil {
		select {
		case <-m.hang:
		case <-ctx.Done():
			return false
		}
	}
	return true
}
