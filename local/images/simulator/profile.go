package main

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"sync"
	"time"
)

//go:embed profiles/*.json
var builtIn embed.FS

// metricSpec describes one metric of a profile. A label has its values with a factor each: the model's value, or its
// number of observations, times the factors of a series' labels.
type metricSpec struct {
	Name    string                        `json:"name"`
	Type    string                        `json:"type"`
	Help    string                        `json:"help"`
	Labels  map[string]map[string]float64 `json:"labels"`
	Buckets []float64                     `json:"buckets"`
	Model   json.RawMessage               `json:"model"`
}

// profile holds the metrics that only the simulated system has.
type profile struct {
	mutex   sync.Mutex
	metrics []*modelled
	spread  []*spread
}

// loadProfile takes the mounted file, else the built-in profile of the system; other systems have none.
func loadProfile(config config, started time.Time) (*profile, error) {
	name := config.profile
	var document []byte
	var err error
	if name != "" {
		document, err = os.ReadFile(name)
	} else {
		name = "profiles/" + config.system + ".json"
		document, err = builtIn.ReadFile(name)
		if errors.Is(err, fs.ErrNotExist) {
			return &profile{}, nil
		}
	}
	if err != nil {
		return nil, fmt.Errorf("profile: %w", err)
	}
	file, err := decode(document, &struct {
		Metrics []metricSpec `json:"metrics"`
	}{})
	if err != nil {
		return nil, fmt.Errorf("profile %s: %w", name, err)
	}
	p := &profile{}
	for i, spec := range file.Metrics {
		if err := p.add(spec, started, config.seed); err != nil {
			return nil, fmt.Errorf("profile %s, metrics[%d] %s: %w", name, i, spec.Name, err)
		}
	}
	return p, nil
}

var metricName = regexp.MustCompile(`^[a-zA-Z_:][a-zA-Z0-9_:]*$`)

func (p *profile) add(spec metricSpec, started time.Time, seed uint64) error {
	if !metricName.MatchString(spec.Name) {
		return errors.New("name: not the name of a metric")
	}
	if spec.Help == "" {
		return errors.New("help: is missing")
	}
	hash := fnv.New64()
	hash.Write([]byte(spec.Name))
	random := rand.New(rand.NewPCG(seed, hash.Sum64()))
	described := description{spec.Name, spec.Type, spec.Help}
	switch spec.Type {
	case "counter", "gauge":
		if spec.Buckets != nil {
			return fmt.Errorf("buckets: only a histogram has them")
		}
		model, err := newModel(spec.Model, spec.Type, started, random)
		if err != nil {
			return err
		}
		p.metrics = append(p.metrics, &modelled{description: described, series: seriesOf(spec.Labels), model: model, mutex: &p.mutex})
	case "histogram":
		spread, err := newSpread(spec, described, started, random)
		if err != nil {
			return err
		}
		spread.mutex = &p.mutex
		p.spread = append(p.spread, spread)
	default:
		return fmt.Errorf("type %q: allowed are counter, gauge, histogram", spec.Type)
	}
	return nil
}

func (p *profile) families() []family {
	var families []family
	for _, metric := range p.metrics {
		families = append(families, metric)
	}
	for _, metric := range p.spread {
		families = append(families, metric)
	}
	return families
}

func (p *profile) request(a answer) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	for _, metric := range p.metrics {
		metric.model.request(a)
	}
	for _, metric := range p.spread {
		metric.request(a)
	}
}

// modelled is a counter or gauge of a profile.
type modelled struct {
	description
	series []series
	model  model
	mutex  *sync.Mutex
}

func (m *modelled) describe() description { return m.description }

func (m *modelled) collect() []sample {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	value := m.model.value(time.Now())
	var samples []sample
	for _, series := range m.series {
		samples = append(samples, sample{labels: series.labels, value: value * series.factor})
	}
	return samples
}

type series struct {
	labels string
	factor float64
}

// seriesOf makes a series of every combination of label values.
func seriesOf(labels map[string]map[string]float64) []series {
	all := []series{{factor: 1}}
	for _, name := range slices.Sorted(maps.Keys(labels)) {
		var next []series
		for _, one := range all {
			for _, value := range slices.Sorted(maps.Keys(labels[name])) {
				next = append(next, series{joinLabels(one.labels, renderLabel(name, value)), one.factor * labels[name][value]})
			}
		}
		all = next
	}
	return all
}
