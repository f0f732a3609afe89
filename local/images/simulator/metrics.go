package main

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// counterVec counts by the values of a few labels.
type counterVec struct {
	description
	labels []string

	mutex  sync.Mutex
	values map[string]float64 // by the label values, joined
}

const labelSeparator = "\xff"

func newCounterVec(name, help string, labels ...string) *counterVec {
	return &counterVec{description: description{name, "counter", help}, labels: labels, values: map[string]float64{}}
}

func (c *counterVec) describe() description { return c.description }

func (c *counterVec) add(n float64, values ...string) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.values[strings.Join(values, labelSeparator)] += n
}

func (c *counterVec) collect() []sample {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	var samples []sample
	for _, key := range slices.Sorted(maps.Keys(c.values)) {
		labels := map[string]string{}
		for i, value := range strings.Split(key, labelSeparator) {
			labels[c.labels[i]] = value
		}
		samples = append(samples, sample{labels: renderLabels(labels), value: c.values[key]})
	}
	return samples
}

// by sums over all labels but one, and over all of them.
func (c *counterVec) by(label string) (map[string]float64, float64) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	sums, total := map[string]float64{}, 0.0
	for key, value := range c.values {
		sums[strings.Split(key, labelSeparator)[slices.Index(c.labels, label)]] += value
		total += value
	}
	return sums, total
}

// durationBuckets are fine where services are fast, and hold every limit that a plan compares with.
var durationBuckets = []float64{
	0.0001, 0.0002, 0.0005, 0.00075, 0.001, 0.0015, 0.002, 0.004, 0.005, 0.0075, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2,
	0.3, 0.4, 0.5, 0.6, 0.8, 1, 1.5, 2, 5, 10,
}

// histogram counts observations up to each bound.
type histogram struct {
	description
	labels string
	bounds []float64

	mutex  sync.Mutex
	counts []float64 // one more than bounds: what is above them all
	sum    float64
}

func newHistogram(name, help string, bounds []float64) *histogram {
	return &histogram{description: description{name, "histogram", help}, bounds: bounds, counts: make([]float64, len(bounds)+1)}
}

func (h *histogram) describe() description { return h.description }

func (h *histogram) observe(value float64) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	bucket, _ := slices.BinarySearch(h.bounds, value)
	h.counts[bucket]++
	h.sum += value
}

func (h *histogram) collect() []sample {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	var samples []sample
	total := 0.0
	for i, count := range h.counts {
		total += count
		bound := "+Inf"
		if i < len(h.bounds) {
			bound = strconv.FormatFloat(h.bounds[i], 'g', -1, 64)
		}
		samples = append(samples, sample{"_bucket", joinLabels(h.labels, renderLabel("le", bound)), total})
	}
	return append(samples, sample{"_sum", h.labels, h.sum}, sample{"_count", h.labels, total})
}

func joinLabels(labels ...string) string {
	return strings.Join(slices.DeleteFunc(labels, func(each string) bool { return each == "" }), ",")
}

// gaugeFunc is asked for its value at every scrape.
type gaugeFunc struct {
	description
	value func() float64
}

func (g gaugeFunc) describe() description { return g.description }

func (g gaugeFunc) collect() []sample { return []sample{{value: g.value()}} }
