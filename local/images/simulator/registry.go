package main

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// sample is one line of an exposition: suffix is what a histogram appends to its name, labels are rendered already.
type sample struct {
	suffix, labels string
	value          float64
}

// family is a metric with all its series.
type family interface {
	describe() description
	collect() []sample
}

type description struct{ name, kind, help string }

// registry writes families in Prometheus' text format, changed by the overrides that a fault asks for.
type registry struct {
	base     string
	families []family

	mutex     sync.Mutex
	overrides map[string]metricOverride
	frozen    map[string][]sample
}

func newRegistry(base map[string]string) *registry {
	return &registry{base: renderLabels(base)}
}

func (r *registry) add(families ...family) error {
	for _, family := range families {
		if name := family.describe().name; r.kindOf(name) != "" {
			return fmt.Errorf("metric %s: there is one of this name already", name)
		}
		r.families = append(r.families, family)
	}
	return nil
}

// kindOf is a metric's type, empty when there is no such metric.
func (r *registry) kindOf(name string) string {
	for _, family := range r.families {
		if d := family.describe(); d.name == name {
			return d.kind
		}
	}
	return ""
}

// override replaces all overrides; what is frozen keeps the values of this moment.
func (r *registry) override(overrides map[string]metricOverride) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.overrides = overrides
	frozen := map[string][]sample{}
	for _, family := range r.families {
		name := family.describe().name
		if !overrides[name].Freeze {
			continue
		}
		frozen[name] = family.collect()
		if already, ok := r.frozen[name]; ok {
			frozen[name] = already
		}
	}
	r.frozen = frozen
}

func (r *registry) write(w io.Writer) error {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	out := bufio.NewWriter(w)
	for _, family := range r.families {
		d := family.describe()
		override := r.overrides[d.name]
		if override.Drop {
			continue
		}
		samples := r.frozen[d.name]
		if !override.Freeze {
			samples = family.collect()
		}
		fmt.Fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", d.name, d.help, d.name, d.kind)
		for _, sample := range samples {
			if override.Set != nil {
				sample.value = *override.Set
			}
			labels := r.base
			if sample.labels != "" {
				labels += "," + sample.labels
			}
			fmt.Fprintf(out, "%s%s{%s} %s\n", d.name, sample.suffix, labels, strconv.FormatFloat(sample.value, 'g', -1, 64))
		}
	}
	return out.Flush()
}

var escapeLabel = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

func renderLabel(name, value string) string {
	return name + `="` + escapeLabel.Replace(value) + `"`
}

func renderLabels(labels map[string]string) string {
	var pairs []string
	for name, value := range labels {
		pairs = append(pairs, renderLabel(name, value))
	}
	slices.Sort(pairs)
	return strings.Join(pairs, ",")
}
