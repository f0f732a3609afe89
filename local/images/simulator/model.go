package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"time"
)

// model says how the value of a series comes about.
type model interface {
	// request is told of every request that was answered.
	request(answer)
	value(now time.Time) float64
}

// newModel reads a model; each kind has its own parameters and refuses those of others.
func newModel(document json.RawMessage, kind string, started time.Time, random *rand.Rand) (model, error) {
	var head struct{ Kind string }
	if err := json.Unmarshal(document, &head); err != nil {
		return nil, err
	}
	switch head.Kind {
	case "constant":
		return decode(document, &constant{})
	case "timestamp":
		return decode(document, &timestamp{started: started})
	case "linear":
		return decode(document, &linear{started: started})
	case "walk":
		walk, err := decode(document, &walk{random: random, moved: started, Min: math.Inf(-1), Max: math.Inf(1)})
		if walk != nil {
			walk.now = walk.Start
		}
		if kind == "counter" {
			err = errors.New("a counter can't walk, it only grows")
		}
		return walk, err
	case "requests":
		requests, err := decode(document, &requests{Of: "requests", Ratio: 1})
		if err == nil && counted[requests.Of] == nil {
			err = fmt.Errorf("of: %q is not one of requests, errors, wrongData, mirrored", requests.Of)
		}
		return requests, err
	}
	return nil, fmt.Errorf("model kind %q: allowed are constant, timestamp, linear, walk, requests, and distribution for histograms", head.Kind)
}

func decode[T any](document []byte, to T) (T, error) {
	decoder := json.NewDecoder(bytes.NewReader(document))
	decoder.DisallowUnknownFields()
	return to, decoder.Decode(to)
}

type kindField struct {
	Kind string `json:"kind"`
}

// constant stays as it is.
type constant struct {
	kindField
	Value float64 `json:"value"`
}

func (c *constant) request(answer)          {}
func (c *constant) value(time.Time) float64 { return c.Value }

// timestamp is a moment before the start, in seconds since 1970.
type timestamp struct {
	kindField
	SecondsBeforeStart float64 `json:"secondsBeforeStart"`
	started            time.Time
}

func (t *timestamp) request(answer) {}
func (t *timestamp) value(time.Time) float64 {
	return float64(t.started.Unix()) - t.SecondsBeforeStart
}

// linear grows with time.
type linear struct {
	kindField
	Start     float64 `json:"start"`
	PerSecond float64 `json:"perSecond"`
	started   time.Time
}

func (l *linear) request(answer) {}
func (l *linear) value(now time.Time) float64 {
	return l.Start + l.PerSecond*now.Sub(l.started).Seconds()
}

// walk moves by up to a step every second, at random, between two bounds.
type walk struct {
	kindField
	Start  float64 `json:"start"`
	Step   float64 `json:"step"`
	Min    float64 `json:"min"`
	Max    float64 `json:"max"`
	random *rand.Rand
	now    float64
	moved  time.Time
}

func (w *walk) request(answer) {}
func (w *walk) value(now time.Time) float64 {
	steps := int(now.Sub(w.moved) / time.Second)
	w.moved = w.moved.Add(time.Duration(steps) * time.Second)
	for range min(steps, 1000) { // after a long silence nobody can tell the steps apart
		w.now = min(w.Max, max(w.Min, w.now+w.Step*(2*w.random.Float64()-1)))
	}
	return w.now
}

// requests follows what was answered, times a ratio.
type requests struct {
	kindField
	Of    string  `json:"of"`
	Ratio float64 `json:"ratio"`
	total float64
}

var counted = map[string]func(answer) bool{
	"requests":  func(answer) bool { return true },
	"errors":    func(a answer) bool { return a.code >= 500 },
	"wrongData": func(a answer) bool { return a.wrong },
	"mirrored":  func(a answer) bool { return a.mirrored },
}

func (r *requests) request(a answer) {
	if counted[r.Of](a) {
		r.total += r.Ratio
	}
}
func (r *requests) value(time.Time) float64 { return r.total }
